import { useMemo } from "react";
import type { Json } from "@/api/types.ts";
import { fullTime, when } from "@/lib/format.ts";
import { parsePointer } from "@/sync/document.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { Skeleton } from "@/ui/skeleton.tsx";
import { eventsOf } from "./activity.ts";
import { useIsHidden } from "./independence.ts";
import { answerText, type Question } from "./questions.ts";
import { useScope } from "./scope.tsx";
import { useHistory } from "./use-history.ts";

interface Props {
  questions: readonly Question[];
  /** How many of the newest lines; all when missing. */
  most?: number;
}

/** What happened in this review, newest first, as the server has it on record. */
export function ActivityList({ questions, most }: Props) {
  const { session, row, me, person } = useScope();
  const hidden = useIsHidden(row);
  const { data, isPending, isError, refetch } = useHistory(session);
  const events = useMemo(
    () =>
      eventsOf(
        (data ?? []).filter((entry) => !isOfOthers(entry.path, me, hidden)),
        {
          person: (id) => person(id).name,
          answer: (score, value) =>
            sayValue(
              questions.find((question) => question.name === score),
              value,
            ),
        },
      ),
    [data, person, questions, me, hidden],
  );
  if (isPending) {
    return (
      <div className="flex flex-col gap-4 py-2">
        <Skeleton className="w-2/3" />
        <Skeleton className="w-1/2" />
      </div>
    );
  }
  if (isError) {
    return (
      <p className="py-1 text-small text-ink-3">
        The history could not be loaded.{" "}
        <button
          type="button"
          className="font-medium text-accent-ink underline"
          onClick={() => void refetch()}
        >
          Try again
        </button>
      </p>
    );
  }
  if (events.length === 0)
    return <p className="py-1 text-small text-ink-3">Nothing has happened here yet.</p>;
  return (
    <ol>
      {events.slice(0, most).map((event) => {
        const at = new Date(event.at);
        const name =
          person(event.who.id).id === event.who.id && event.who.name !== ""
            ? event.who.name
            : person(event.who.id).name;
        return (
          <li
            key={event.id}
            className="grid min-h-[26px] grid-cols-[18px_1fr_auto] items-center gap-[9px] text-small text-ink-2"
          >
            <Avatar id={event.who.id} name={name} viewer={me} small />
            <span className={most ? "truncate" : "[overflow-wrap:anywhere] py-1"}>
              {!most && <span className="font-medium">{name} </span>}
              {event.text}
            </span>
            <time dateTime={at.toISOString()} title={fullTime(at)} className="text-ink-3">
              {when(at, new Date())}
            </time>
          </li>
        );
      })}
    </ol>
  );
}

/** Whether an entry tells what somebody else gave for a score that is hidden. */
function isOfOthers(path: string, me: string, hidden: (score: string) => boolean): boolean {
  const [area, reviewer, score] = parsePointer(path);
  return (area === "scores" || area === "notes") && reviewer !== me && score !== undefined && hidden(score);
}

function sayValue(question: Question | undefined, value: Json): string {
  const judgement =
    typeof value === "number" || typeof value === "string" || value === null
      ? value
      : Array.isArray(value)
        ? value.map(String)
        : typeof value === "object"
          ? Object.keys(value)
          : String(value);
  if (question) return answerText(question, judgement);
  return typeof judgement === "object" && judgement !== null ? judgement.join(", ") : String(judgement);
}
