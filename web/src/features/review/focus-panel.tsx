/** The questions of one item, for a screen that shows nothing else: one at a time or all of them, and the way on. */
import { Flag, Rows3, Square, Undo2 } from "lucide-react";
import { useCallback, useEffect, useMemo } from "react";
import type { ProjectScore, SpanEvent } from "@/api/types.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { useReviewView } from "@/sync/use-review.ts";
import { Button } from "@/ui/button.tsx";
import { cx } from "@/ui/cx.ts";
import { Asking } from "./asking.tsx";
import { Comments } from "./comments.tsx";
import { Computed } from "./computed.tsx";
import { Form } from "./form.tsx";
import { useShownScores, useTellAnswered } from "./independence.ts";
import { type Answer, type Question as Asked, isSplit, progress, questionsOf } from "./questions.ts";
import { useScope } from "./scope.tsx";
import { Tags } from "./tags.tsx";
import { useAnswers } from "./use-answers.ts";
import { useFinish } from "./use-finish.ts";
import { useRemoteWords } from "./use-remote-words.ts";

/** What a completed item says: how bad its worst answer is, and where people differ. */
export interface Finished {
  /** From 0 to 1; null where no answer is a number. */
  worst: number | null;
  /** Questions that others have answered as well. */
  asked: number;
  split: string[];
}

interface Props {
  scores: readonly ProjectScore[];
  event: SpanEvent;
  knownTags: readonly string[];
  /** Why nothing can be changed; null when it can. */
  readOnly: string | null;
  /** All questions at once. */
  form: boolean;
  onForm: () => void;
  advance: boolean;
  /** Id of the question to begin with. */
  start: string | undefined;
  /** A question to go to now, such as the one whose answer was taken back. */
  wanted: { question: string; serial: number } | null;
  /** Tells which question is in front. */
  onQuestion: (id: string | null) => void;
  onFinished: (finished: Finished) => void;
  onSkip: () => void;
  onNext: () => void;
}

export function FocusPanel(props: Props) {
  const { scores, event, knownTags, readOnly, form, onForm, advance, start, wanted, onQuestion } = props;
  const { session, me, mayEdit } = useScope();
  const view = useReviewView(session);
  const questions = useMemo(() => questionsOf(scores), [scores]);
  const ways = { start, advance };
  const { current, setCurrent, answer } = useAnswers(questions, event.logged?.expected ?? null, ways);
  useRemoteWords(questions);
  useTellAnswered(questions);
  const judges = useShownScores(event.logged?.scores, event.id);
  const onAnswer = useCallback(
    (question: Asked, value: Answer, quiet?: boolean) => void answer(question, value, quiet),
    [answer],
  );
  const inFront = questions[current]?.id ?? null;
  useEffect(() => onQuestion(inFront), [onQuestion, inFront]);
  useEffect(() => {
    const index = questions.findIndex(({ name }) => name === wanted?.question);
    if (index >= 0) setCurrent(index);
  }, [wanted, questions, setCurrent]);
  useCommand("focus.nextQuestion", () => setCurrent(Math.min(current + 1, questions.length - 1)));
  useCommand("focus.previousQuestion", () => setCurrent(Math.max(current - 1, 0)));
  const done = mayEdit ? progress(questions, view, me) : 0;

  return (
    <>
      <header className={cx("flex h-12 flex-none items-center gap-2", form ? "px-4" : "px-5")}>
        <h2 className="sr-only">{readOnly ? "Review" : "Your review"}</h2>
        <span className="num flex-1 text-small text-ink-3" role="status">
          {readOnly ??
            (questions.length === 0 ? "Nothing is asked" : `${done} of ${questions.length} answered`)}
        </span>
        {questions.length > 1 && (
          <Button
            kind="ghost"
            onClick={onForm}
            command="focus.form"
            className="-mr-2"
            icon={
              form ? (
                <Square className="icon" aria-hidden="true" />
              ) : (
                <Rows3 className="icon" aria-hidden="true" />
              )
            }
          >
            {form ? "One by one" : "Whole form"}
          </Button>
        )}
      </header>
      <div className="min-h-0 flex-1 max-md:flex-none md:overflow-y-auto">
        <div className={form ? undefined : "px-5"}>
          {questions.length === 0 ? (
            <p className="px-5 pb-4 text-ink-2">Comments, tags and the expected value work without.</p>
          ) : form ? (
            <Form
              questions={questions}
              current={readOnly ? -1 : current}
              disabled={!mayEdit}
              judges={judges}
              onCurrent={setCurrent}
              onAnswer={onAnswer}
            />
          ) : (
            <Asking
              questions={questions}
              current={current}
              disabled={!mayEdit}
              judges={judges}
              onCurrent={setCurrent}
              onAnswer={onAnswer}
            />
          )}
        </div>
        <div className={form ? undefined : "mt-3 px-1 [&>section]:border-t-0"}>
          <Computed scores={scores} />
          <Tags logged={event.logged?.tags ?? []} known={knownTags} />
          <Comments />
        </div>
      </div>
      <Foot {...props} questions={questions} lit={done === questions.length} />
    </>
  );
}

function Foot({
  readOnly,
  form,
  advance,
  questions,
  lit,
  onFinished,
  onSkip,
  onNext,
}: Props & { questions: readonly Asked[]; lit: boolean }) {
  const { session, me } = useScope();
  const { finished, flagged, flag, finish, takeUp, mayEdit } = useFinish(() => {
    onFinished(summary(questions, session.view().scores, me));
    if (advance) onNext();
  });
  useCommand("focus.skip", onSkip, !finished);
  // The key that completes goes on where there is nothing to complete.
  useCommand("review.complete", onNext, finished || readOnly !== null);
  return (
    <footer
      className={cx(
        "flex flex-none items-center gap-2 border-t border-line bg-bg py-3 max-md:fixed max-md:inset-x-0 max-md:bottom-0 max-md:z-10",
        form ? "px-4" : "px-5 max-xl:px-4",
      )}
    >
      {readOnly === null &&
        (finished ? (
          <Button className="h-9!" onClick={takeUp} icon={<Undo2 className="icon" aria-hidden="true" />}>
            Reopen
          </Button>
        ) : (
          <>
            <Button className="h-9! coarse:h-11!" command="focus.skip" onClick={onSkip}>
              Skip
            </Button>
            <Button
              className="h-9! coarse:h-11!"
              command="review.flag"
              aria-label={flagged ? "Take the flag away" : "Flag for review"}
              aria-pressed={flagged}
              disabled={!mayEdit}
              onClick={flag}
              icon={<Flag className={flagged ? "icon fill-current text-warn" : "icon"} aria-hidden="true" />}
            />
          </>
        ))}
      {finished || readOnly !== null ? (
        <Button
          kind="primary"
          className="h-9! flex-1! coarse:h-11!"
          command="review.complete"
          onClick={onNext}
        >
          Next
        </Button>
      ) : (
        <Button
          kind={lit ? "primary" : "plain"}
          className="h-9! flex-1! coarse:h-11!"
          command="review.complete"
          disabled={!mayEdit}
          onClick={finish}
        >
          {advance ? "Complete and next" : "Complete"}
        </Button>
      )}
    </footer>
  );
}

function summary(
  questions: readonly Asked[],
  scores: ReturnType<ReturnType<typeof useScope>["session"]["view"]>["scores"],
  me: string,
): Finished {
  const given = (question: Asked) =>
    Object.entries(scores).flatMap(([reviewer, own]) => {
      const value = own[question.name];
      return value === undefined || value === null ? [] : [{ reviewer, value }];
    });
  const shared = questions.filter((question) => {
    const people = given(question).map(({ reviewer }) => reviewer);
    return people.includes(me) && people.length > 1;
  });
  const numbers = questions
    .map((question) => scores[me]?.[question.name])
    .filter((value): value is number => typeof value === "number");
  return {
    worst: numbers.length === 0 ? null : Math.min(...numbers),
    asked: shared.length,
    split: shared
      .filter((question) =>
        isSplit(
          question,
          given(question).map(({ value }) => value),
        ),
      )
      .map(({ name }) => name),
  };
}
