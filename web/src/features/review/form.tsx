import { Question } from "./question.tsx";
import type { Answer, Question as Asked } from "./questions.ts";

interface Props {
  questions: readonly Asked[];
  /** -1 where nobody answers. */
  current: number;
  disabled: boolean;
  /** What judges gave, as it was logged. */
  judges: Readonly<Record<string, number | null>> | null | undefined;
  onCurrent: (index: number) => void;
  onAnswer: (question: Asked, answer: Answer, quiet?: boolean) => void;
}

/** All questions, one below the other. */
export function Form({ questions, current, disabled, judges, onCurrent, onAnswer }: Props) {
  return questions.map((question, index) => (
    <Question
      key={question.id}
      question={question}
      index={index}
      current={index === current}
      disabled={disabled}
      judge={judges?.[question.name]}
      onCurrent={onCurrent}
      onAnswer={onAnswer}
    />
  ));
}
