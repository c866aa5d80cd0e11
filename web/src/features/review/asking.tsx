/** One question at a time: answered ones folded to a line, the current one large, the coming ones below. */
import { Check, CircleDashed } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { useReviewView } from "@/sync/use-review.ts";
import type { ReviewView } from "@/sync/view.ts";
import { Kbd } from "@/ui/kbd.tsx";
import { RichText } from "@/ui/rich-text.tsx";
import { AnswerControl } from "./answer-control.tsx";
import { PeopleAt } from "./field.tsx";
import { Note } from "./note.tsx";
import { Others } from "./others.tsx";
import { QuestionField } from "./question-field.tsx";
import { type Answer, answerText, isAnswered, type Question } from "./questions.ts";
import { useScope } from "./scope.tsx";

interface Props {
  questions: readonly Question[];
  current: number;
  disabled: boolean;
  /** What judges gave, as it was logged. */
  judges: Readonly<Record<string, number | null>> | null | undefined;
  onCurrent: (index: number) => void;
  onAnswer: (question: Question, answer: Answer, quiet?: boolean) => void;
}

export function Asking({ questions, current, disabled, judges, onCurrent, onAnswer }: Props) {
  const { session, me } = useScope();
  const view = useReviewView(session);
  return (
    <ol aria-label="Questions">
      {questions.map((question, index) => (
        <li key={question.id}>
          {index === current ? (
            <Open
              question={question}
              view={view}
              disabled={disabled}
              judge={judges?.[question.name]}
              onAnswer={onAnswer}
            />
          ) : (
            <Line
              question={question}
              answered={isAnswered(question, view, me)}
              answer={said(question, view, me)}
              onOpen={() => onCurrent(index)}
            />
          )}
        </li>
      ))}
    </ol>
  );
}

/** An answer in a few words. */
function said(question: Question, view: ReviewView, me: string): string {
  if (question.kind === "text") return (view.fields[question.name] ?? "").trim().split("\n")[0] ?? "";
  return answerText(question, view.scores[me]?.[question.name]);
}

/** What a question wants, where no answer stands yet. */
function wants(question: Question): string {
  switch (question.kind) {
    case "slider":
      return "0 to 100%";
    case "choice":
      return "choose one";
    case "expected":
      return question.multiple ? "choose any" : "into Expected";
    case "text":
      return "words";
  }
}

function Line({
  question,
  answered,
  answer,
  onOpen,
}: {
  question: Question;
  answered: boolean;
  answer: string;
  onOpen: () => void;
}) {
  return (
    <button
      type="button"
      onClick={onOpen}
      className="flex h-10 w-full items-center gap-2.5 border-b border-line text-left hover:bg-hover coarse:h-11"
    >
      {answered ? (
        <span
          aria-hidden="true"
          className="grid size-[18px] flex-none place-items-center rounded-full bg-accent-soft text-accent-ink"
        >
          <Check className="size-[11px] stroke-[2.5]" />
        </span>
      ) : (
        <CircleDashed className="size-[18px] flex-none stroke-[1.5] text-ink-3" aria-hidden="true" />
      )}
      <span
        className={answered ? "min-w-0 flex-1 truncate text-ink-2" : "min-w-0 flex-1 truncate text-ink-3"}
      >
        {question.name}
      </span>
      <span className="sr-only">{answered ? "answered: " : "not answered: "}</span>
      <span className={answered ? "max-w-[50%] truncate font-medium" : "text-small text-ink-3"}>
        {answered ? answer : wants(question)}
      </span>
    </button>
  );
}

function Open({
  question,
  view,
  disabled,
  judge,
  onAnswer,
}: {
  question: Question;
  view: ReviewView;
  disabled: boolean;
  judge: number | null | undefined;
  onAnswer: Props["onAnswer"];
}) {
  const { me } = useScope();
  const id = useId();
  const section = useRef<HTMLElement>(null);
  const [reason, setReason] = useState(false);
  const { kind } = question;
  useEffect(() => {
    section.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const hasReason = kind !== "text" && !disabled;
  return (
    <section ref={section} aria-label={question.name} aria-current="step" className="py-5">
      <div className="flex items-start gap-2">
        <h2 className="min-w-0 flex-1 text-[18px] leading-[26px] font-semibold tracking-[-.015em] [overflow-wrap:anywhere]">
          {question.name}
        </h2>
        <PeopleAt score={question.name} />
      </div>
      {question.description && (
        <div id={`${id}-help`} className="mt-0.5 text-ink-3">
          <RichText text={question.description} />
        </div>
      )}
      <div className="mt-3.5">
        <QuestionField question={question}>
          <AnswerControl
            question={question}
            value={view.scores[me]?.[question.name]}
            disabled={disabled}
            digits={!disabled}
            large
            describedBy={question.description ? `${id}-help` : undefined}
            onAnswer={onAnswer}
          />
        </QuestionField>
      </div>
      {kind === "slider" && !disabled && (
        <p className="mt-2 hidden items-center gap-1.5 text-small text-ink-3 md:flex" aria-hidden="true">
          <Kbd keys="1" /> to <Kbd keys="9" /> tenths <Kbd keys="0" /> all of it
        </p>
      )}
      {kind !== "text" && (
        <Note score={question.name} disabled={disabled} open={reason} onClose={() => setReason(false)} />
      )}
      <div className="mt-2 flex min-h-6 items-center gap-3 text-small text-ink-3">
        {hasReason && (
          <button
            type="button"
            onClick={() => setReason(true)}
            className="-ml-1 rounded-cap px-1 font-medium hover:bg-hover hover:text-ink coarse:h-11"
          >
            Give a reason
          </button>
        )}
        <span className="flex-1" />
        {typeof judge === "number" && (
          <span>
            judge said <b className="font-medium text-ink-2">{answerText(question, judge)}</b>
          </span>
        )}
      </div>
      {kind !== "text" && <Others question={question} />}
    </section>
  );
}
