import { useReviewPart } from "@/sync/use-review.ts";
import type { ReviewView } from "@/sync/view.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { Chip } from "@/ui/chip.tsx";
import { useIsHidden } from "./independence.ts";
import { answerText, isSplit, type Question } from "./questions.ts";
import { useScope } from "./scope.tsx";

const scoresOf = (view: ReviewView) => view.scores;
const notesOf = (view: ReviewView) => view.notes;

/** What the other reviewers said, and whether all of you agree. */
export function Others({ question }: { question: Question }) {
  const { session, row, me, person } = useScope();
  const hidden = useIsHidden(row);
  const scores = useReviewPart(session, scoresOf);
  const notes = useReviewPart(session, notesOf);
  const given = Object.entries(scores)
    .map(([reviewer, own]) => ({
      reviewer,
      value: own[question.name],
      note: notes[reviewer]?.[question.name]?.trim() ?? "",
    }))
    .filter((item) => item.reviewer !== me && item.value !== undefined && item.value !== null);
  if (given.length === 0) return null;
  if (hidden(question.name)) {
    return (
      <p className="mt-2 text-small text-ink-3">
        {given.length === 1 ? "1 other person has answered" : `${given.length} others have answered`}; you see
        it once you have.
      </p>
    );
  }
  const mine = scores[me]?.[question.name];
  const split = isSplit(question, [
    ...given.map((item) => item.value ?? null),
    ...(mine === undefined ? [] : [mine]),
  ]);
  return (
    <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-small text-ink-3">
      {given.map(({ reviewer, value, note }) => (
        <span
          key={reviewer}
          className="inline-flex max-w-full items-center gap-1.5"
          title={note === "" ? undefined : note}
        >
          <Avatar id={reviewer} name={person(reviewer).name} viewer={me} small />
          <span className="truncate">
            {answerText(question, value)}
            {note !== "" && <span className="text-ink-3">: {note}</span>}
          </span>
        </span>
      ))}
      {split && (
        <span className="ml-auto">
          <Chip tone="warn" title="You do not agree">
            Split
          </Chip>
        </span>
      )}
    </div>
  );
}
