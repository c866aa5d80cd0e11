import { memo, useEffect, useId, useRef, useState } from "react";
import { useReviewPart } from "@/sync/use-review.ts";
import type { ReviewView } from "@/sync/view.ts";
import { cx } from "@/ui/cx.ts";
import { RichText } from "@/ui/rich-text.tsx";
import { AnswerControl } from "./answer-control.tsx";
import { Note } from "./note.tsx";
import { Others } from "./others.tsx";
import { QuestionField } from "./question-field.tsx";
import { Head } from "./question-head.tsx";
import type { Answer, Question as Asked } from "./questions.ts";
import { useScope } from "./scope.tsx";

interface Props {
  question: Asked;
  index: number;
  current: boolean;
  disabled: boolean;
  /** What a judge gave, as it was logged. */
  judge: number | null | undefined;
  onCurrent: (index: number) => void;
  onAnswer: (question: Asked, answer: Answer, quiet?: boolean) => void;
}

const scoresOf = (view: ReviewView) => view.scores;

/** One question with its answer, the reason for it, what the judge said and what the others say. */
export const Question = memo(function Question({
  question,
  index,
  current,
  disabled,
  judge,
  onCurrent,
  onAnswer,
}: Props) {
  const { session, me } = useScope();
  const value = useReviewPart(session, scoresOf)[me]?.[question.name];
  const section = useRef<HTMLElement>(null);
  const id = useId();
  const [reason, setReason] = useState(false);
  const answered =
    question.kind === "text"
      ? false
      : value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

  useEffect(() => {
    if (current) section.current?.scrollIntoView({ block: "nearest" });
  }, [current]);

  // A short help fits beside the name, where the judge would stand.
  const short =
    question.description !== null && question.description.length <= 28 && typeof judge !== "number";
  const describedBy = question.description ? `${id}-help` : undefined;
  return (
    <section
      ref={section}
      aria-label={question.name}
      onFocusCapture={() => onCurrent(index)}
      className={cx(
        "relative px-4 pt-[11px] pb-3 border-t border-line",
        current &&
          "before:absolute before:inset-y-2 before:left-0 before:w-0.5 before:rounded-[2px] before:bg-accent",
      )}
    >
      <QuestionField question={question}>
        <Head
          question={question}
          judge={judge}
          help={short ? question.description : null}
          answered={answered && !disabled}
          current={current}
          onReason={question.kind === "text" || disabled ? null : () => setReason(true)}
          onClear={() => onAnswer(question, null)}
        />
        {question.description && (
          <div id={`${id}-help`} className={short ? "sr-only" : "-mt-1 mb-2 text-small text-ink-3"}>
            <RichText text={question.description} />
          </div>
        )}
        <AnswerControl
          question={question}
          value={value}
          disabled={disabled}
          digits={current && !disabled}
          describedBy={describedBy}
          onAnswer={onAnswer}
        />
      </QuestionField>
      {question.kind !== "text" && (
        <Note score={question.name} disabled={disabled} open={reason} onClose={() => setReason(false)} />
      )}
      {question.kind !== "text" && <Others question={question} />}
    </section>
  );
});
