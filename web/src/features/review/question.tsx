import { memo, useEffect, useId, useRef, useState } from "react";
import { pointer } from "@/sync/document.ts";
import { useReviewPart } from "@/sync/use-review.ts";
import type { ReviewView } from "@/sync/view.ts";
import { cx } from "@/ui/cx.ts";
import { RichText } from "@/ui/rich-text.tsx";
import { Field } from "./field.tsx";
import { Note } from "./note.tsx";
import { Options } from "./options.tsx";
import { Others } from "./others.tsx";
import { Head } from "./question-head.tsx";
import {
  type Answer,
  type Question as Asked,
  answerText,
  ordered,
  sameNumber,
  toggled,
} from "./questions.ts";
import { useScope } from "./scope.tsx";
import { SharedEditor } from "./shared-editor.tsx";
import { Slider } from "./slider.tsx";

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
const fieldsOf = (view: ReviewView) => view.fields;

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
  const text = useReviewPart(session, fieldsOf)[question.name];
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
  const described = describedBy ? { describedBy } : {};
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
      <Field
        pointer={
          question.kind === "text"
            ? pointer(["fields", question.name])
            : pointer(["scores", me, question.name])
        }
        ring={question.kind === "text"}
        watch={
          question.kind === "text"
            ? [pointer(["fields", question.name])]
            : Object.keys(session.view().scores)
                .filter((reviewer) => reviewer !== me)
                .map((reviewer) => pointer(["scores", reviewer, question.name]))
        }
      >
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
        {question.kind === "slider" && (
          <Slider
            label={question.name}
            value={typeof value === "number" ? value : null}
            disabled={disabled}
            {...described}
            onChange={(next, resting) => onAnswer(question, next, !resting)}
          />
        )}
        {question.kind === "choice" && (
          <Options
            label={question.name}
            options={question.options.map((option) => option.name)}
            chosen={question.options
              .filter((option) => typeof value === "number" && sameNumber(option.value, value))
              .map((option) => option.name)}
            multiple={false}
            disabled={disabled}
            digits={current && !disabled}
            {...described}
            onChoose={(name) =>
              onAnswer(question, question.options.find((option) => option.name === name)?.value ?? null)
            }
          />
        )}
        {question.kind === "choice" &&
          typeof value === "number" &&
          !question.options.some((option) => sameNumber(option.value, value)) && (
            <p className="mt-1.5 text-small text-ink-3">
              Your answer {answerText(question, value)} is no option of this score any more.
            </p>
          )}
        {question.kind === "expected" && (
          <Options
            label={question.name}
            options={question.options}
            chosen={
              typeof value === "string" ? [value] : Array.isArray(value) ? ordered(question, value) : []
            }
            multiple={question.multiple}
            disabled={disabled}
            digits={current && !disabled}
            {...described}
            onChoose={(option) =>
              onAnswer(question, question.multiple ? toggled(question, value, option) : option)
            }
          />
        )}
        {question.kind === "text" && (
          <div className="rounded-btn border border-line-2 px-2.5 py-1.5 focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-accent">
            {text === undefined ? (
              <p className="text-small text-ink-3">
                Made when this review was not open: reload to write here.
              </p>
            ) : (
              <SharedEditor
                path={["fields", question.name]}
                label={question.name}
                initial=""
                readOnly={disabled}
                placeholder="Write for everybody"
              />
            )}
          </div>
        )}
      </Field>
      {question.kind !== "text" && (
        <Note score={question.name} disabled={disabled} open={reason} onClose={() => setReason(false)} />
      )}
      {question.kind !== "text" && <Others question={question} />}
    </section>
  );
});
