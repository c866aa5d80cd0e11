import { useReviewPart } from "@/sync/use-review.ts";
import type { Judgement, ReviewView } from "@/sync/view.ts";
import { Options } from "./options.tsx";
import { type Answer, answerText, ordered, type Question, sameNumber, toggled } from "./questions.ts";
import { useScope } from "./scope.tsx";
import { SharedEditor } from "./shared-editor.tsx";
import { Slider } from "./slider.tsx";

interface Props {
  question: Question;
  value: Judgement | undefined;
  disabled: boolean;
  /** Prints the digits: only the current question answers to them. */
  digits: boolean;
  /** Cards to press, for a screen that asks one thing. */
  large?: boolean;
  describedBy?: string | undefined;
  onAnswer: (question: Question, answer: Answer, quiet?: boolean) => void;
}

const fieldsOf = (view: ReviewView) => view.fields;

/** What a question is answered with. */
export function AnswerControl(props: Props) {
  const { question, value, disabled, digits, large = false, describedBy, onAnswer } = props;
  const described = describedBy ? { describedBy } : {};
  const shared = { label: question.name, disabled, digits, large, ...described };
  switch (question.kind) {
    case "slider":
      return (
        <Slider
          label={question.name}
          value={typeof value === "number" ? value : null}
          disabled={disabled}
          {...described}
          onChange={(next, resting) => onAnswer(question, next, !resting)}
        />
      );
    case "choice": {
      const chosen = question.options.filter(
        (option) => typeof value === "number" && sameNumber(option.value, value),
      );
      return (
        <>
          <Options
            {...shared}
            options={question.options.map((option) => option.name)}
            chosen={chosen.map((option) => option.name)}
            multiple={false}
            onChoose={(name) =>
              onAnswer(question, question.options.find((option) => option.name === name)?.value ?? null)
            }
          />
          {typeof value === "number" && chosen.length === 0 && (
            <p className="mt-1.5 text-small text-ink-3">
              Your answer {answerText(question, value)} is no option of this score any more.
            </p>
          )}
        </>
      );
    }
    case "expected":
      return (
        <Options
          {...shared}
          options={question.options}
          chosen={typeof value === "string" ? [value] : Array.isArray(value) ? ordered(question, value) : []}
          multiple={question.multiple}
          onChoose={(option) =>
            onAnswer(question, question.multiple ? toggled(question, value, option) : option)
          }
        />
      );
    case "text":
      return <SharedText name={question.name} disabled={disabled} />;
  }
}

function SharedText({ name, disabled }: { name: string; disabled: boolean }) {
  const { session } = useScope();
  const text = useReviewPart(session, fieldsOf)[name];
  return (
    <div className="rounded-btn border border-line-2 px-2.5 py-1.5 focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-accent">
      {text === undefined ? (
        <p className="text-small text-ink-3">Made when this review was not open: reload to write here.</p>
      ) : (
        <SharedEditor
          path={["fields", name]}
          label={name}
          initial=""
          readOnly={disabled}
          placeholder="Write for everybody"
        />
      )}
    </div>
  );
}
