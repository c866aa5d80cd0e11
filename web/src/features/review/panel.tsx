import { Link } from "@tanstack/react-router";
import { Flag, Undo2 } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { usePlace } from "@/api/place.ts";
import type { ProjectScore, SpanEvent } from "@/api/types.ts";
import { isBoolean, readSetting, writeSetting } from "@/lib/storage.ts";
import { useReviewView } from "@/sync/use-review.ts";
import { Button, buttonClass } from "@/ui/button.tsx";
import { toast } from "@/ui/toasts.tsx";
import { ActivityList } from "./activity-list.tsx";
import { Comments } from "./comments.tsx";
import { Computed } from "./computed.tsx";
import { Form } from "./form.tsx";
import { useShownScores, useTellAnswered } from "./independence.ts";
import { type Question as Asked, progress, questionsOf } from "./questions.ts";
import { useScope } from "./scope.tsx";
import { StatusRow } from "./status-row.tsx";
import { Tags } from "./tags.tsx";
import { useAnswers } from "./use-answers.ts";
import { useFinish } from "./use-finish.ts";
import { useRemoteWords } from "./use-remote-words.ts";

interface Props {
  scores: readonly ProjectScore[];
  event: SpanEvent;
  knownTags: readonly string[];
  /** Where scores are configured, for projects that ask nothing yet. */
  configuration: { org: string; project: string };
  mayConfigure: boolean;
  /** Why nothing can be changed; null when it can. */
  readOnly: string | null;
  onAllActivity: () => void;
  /** Goes to the next trace; null at the end. */
  onNext: (() => void) | null;
}

/** The right column: the questions, the discussion, what happened, and the way on. */
export function Panel(props: Props) {
  const { scores, event, knownTags, configuration, mayConfigure, readOnly, onAllActivity } = props;
  const { session, me, mayEdit } = useScope();
  const view = useReviewView(session);
  const questions = useMemo(() => questionsOf(scores), [scores]);
  const { current, setCurrent, answer } = useAnswers(questions, event.logged?.expected ?? null);
  useRemoteWords(questions);
  useTellAnswered(questions);
  const judges = useShownScores(event.logged?.scores, event.id);
  const done = mayEdit ? progress(questions, view, me) : 0;
  const onAnswer = useCallback(
    (question: Asked, value: Parameters<typeof answer>[1], quiet?: boolean) =>
      void answer(question, value, quiet),
    [answer],
  );

  return (
    <>
      <header className="flex-none border-b border-line px-4 pt-3 pb-2.5">
        <div className="flex items-center gap-2">
          <h2 className="flex-1 text-[14px] font-semibold">{readOnly ? "Review" : "Your review"}</h2>
          {!readOnly && questions.length > 0 && (
            <span className="num text-small text-ink-3">
              {done} of {questions.length}
            </span>
          )}
        </div>
        {readOnly ? (
          <p className="mt-0.5 text-small text-ink-3">{readOnly}</p>
        ) : (
          <ProgressBar done={done} total={questions.length} />
        )}
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <StatusRow />
        {questions.length === 0 && <NoQuestions configuration={configuration} mayConfigure={mayConfigure} />}
        <Form
          questions={questions}
          current={readOnly ? -1 : current}
          disabled={!mayEdit}
          judges={judges}
          onCurrent={setCurrent}
          onAnswer={onAnswer}
        />
        <Computed scores={scores} />
        <Tags logged={event.logged?.tags ?? []} known={knownTags} />
        <Comments />
        <section aria-label="Activity" className="border-t border-line px-4 py-2">
          <ActivityList questions={questions} most={4} />
          <button
            type="button"
            onClick={onAllActivity}
            className="-ml-1 h-6 rounded-cap px-1 text-small font-medium text-ink-3 hover:bg-hover hover:text-ink"
          >
            All activity
          </button>
        </section>
      </div>
      {!readOnly && <Foot {...props} />}
    </>
  );
}

function ProgressBar({ done, total }: { done: number; total: number }) {
  if (total === 0) return null;
  return (
    <div
      role="progressbar"
      aria-label="Questions answered"
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      className="mt-2 flex h-1 gap-[3px]"
    >
      {Array.from({ length: Math.min(total, 24) }, (_, index) => (
        <i
          key={index}
          className={`flex-1 rounded-[2px] ${index < (done * Math.min(total, 24)) / total ? "bg-accent" : "bg-line-2"}`}
        />
      ))}
    </div>
  );
}

function NoQuestions({
  configuration,
  mayConfigure,
}: {
  configuration: { org: string; project: string };
  mayConfigure: boolean;
}) {
  return (
    <div className="px-4 py-5 text-center">
      <p className="font-medium">Nothing is asked yet</p>
      <p className="mt-0.5 text-ink-2">
        {mayConfigure
          ? "Add a score, and it can be given here."
          : "A lead or an owner can add scores to this project."}{" "}
        Comments and the expected value work without.
      </p>
      {mayConfigure && (
        <Link
          to="/app/$org/p/$project/configuration/$section"
          params={{ ...configuration, section: "scores" }}
          className={`${buttonClass()} mt-3`}
        >
          Add a score
        </Link>
      )}
    </div>
  );
}

function Foot({ onNext }: Props) {
  const { noun } = usePlace();
  const [advance, setAdvance] = useState(() => readSetting("advance", false, isBoolean));
  const { finished, flagged, flag, finish, takeUp, mayEdit } = useFinish(() => {
    toast({ title: "Review complete", action: { label: "Take back", run: takeUp } });
    if (advance) onNext?.();
  });

  return (
    <footer className="flex-none border-t border-line px-4 py-2.5">
      <div className="flex flex-wrap items-center gap-2">
        {finished ? (
          <Button
            kind="ghost"
            className="-ml-2"
            onClick={takeUp}
            icon={<Undo2 className="icon" aria-hidden="true" />}
          >
            Reopen
          </Button>
        ) : (
          <Button
            kind="ghost"
            className="-ml-2"
            aria-pressed={flagged}
            command="review.flag"
            disabled={!mayEdit}
            onClick={flag}
            icon={<Flag className={flagged ? "icon fill-current text-warn" : "icon"} aria-hidden="true" />}
          >
            {flagged ? "Flagged" : "Flag"}
          </Button>
        )}
        <span className="flex-1" />
        {finished ? (
          <Button kind="primary" disabled={!onNext} onClick={() => onNext?.()}>
            Next trace
          </Button>
        ) : (
          <Button kind="primary" command="review.complete" disabled={!mayEdit} onClick={finish}>
            {advance && onNext ? "Complete and next" : "Complete"}
          </Button>
        )}
      </div>
      <label className="mt-1.5 flex min-h-6 items-center gap-2 text-small text-ink-3">
        <input
          type="checkbox"
          checked={advance}
          onChange={(event) => {
            setAdvance(event.target.checked);
            writeSetting("advance", event.target.checked);
          }}
          className="size-3.5 accent-[var(--accent)]"
        />
        Go to the next {noun} after completing
      </label>
    </footer>
  );
}
