/** What rows and cards of the queue say alike. */
import { Check, Flag, MessageSquare } from "lucide-react";
import type { QueueItem } from "@/api/queue.ts";
import type { Person } from "@/api/use-people.ts";
import { fullTime, plural, when } from "@/lib/format.ts";
import type { Holder } from "@/live/topics.ts";
import { Avatar, AvatarRow } from "@/ui/avatar.tsx";
import { Chip, type Tone } from "@/ui/chip.tsx";
import { reasonOf } from "./queue-views.ts";

/** What rows need beside themselves. */
export interface QueueContext {
  me: string;
  now: Date;
  person: (id: string) => Person;
  holderOf: (item: QueueItem) => Holder | null;
  focusHref: (item: QueueItem) => string;
  traceHref: (item: QueueItem) => string;
}

const looks: Record<QueueItem["status"], { tone: Tone; word: string }> = {
  none: { tone: "line", word: "Not flagged" },
  awaiting: { tone: "warn", word: "Awaiting" },
  in_progress: { tone: "accent", word: "In progress" },
  complete: { tone: "pass", word: "Complete" },
};

export function StatusChip({ status }: { status: QueueItem["status"] }) {
  const { tone, word } = looks[status];
  return (
    <Chip tone={tone}>
      {status === "awaiting" && <Flag className="size-3" aria-hidden="true" />}
      {status === "complete" && <Check className="size-3" aria-hidden="true" />}
      {word}
    </Chip>
  );
}

/** "Flagged by Mei Tan": why the row is here. */
export function ReasonText({ item, context }: { item: QueueItem; context: QueueContext }) {
  const reason = reasonOf(item, context.me);
  if (!reason) return <span className="text-ink-3">Not flagged</span>;
  const by = reason.by === context.me ? "you" : context.person(reason.by).name;
  return (
    <span title={fullTime(new Date(reason.at))}>
      {reason.verb} by {by}
    </span>
  );
}

/** When it came to be here. */
export function Age({ item, context }: { item: QueueItem; context: QueueContext }) {
  const at = new Date(reasonOf(item, context.me)?.at ?? item.created);
  return (
    <time dateTime={at.toISOString()} title={fullTime(at)} className="num text-small text-ink-3">
      {when(at, context.now)}
    </time>
  );
}

export function Assignees({ item, context }: { item: QueueItem; context: QueueContext }) {
  if (item.assignees.length === 0) return null;
  const people = item.assignees.map(context.person);
  return (
    <AvatarRow
      people={people}
      viewer={context.me}
      label={`Assigned to ${people.map((person) => person.name).join(", ")}`}
    />
  );
}

/** "Noor is on this". Nobody is kept from it. */
export function HolderMark({ item, context }: { item: QueueItem; context: QueueContext }) {
  const holder = context.holderOf(item);
  if (!holder) return null;
  const first = holder.name.split(" ")[0];
  return (
    <span
      className="inline-flex min-w-0 items-center gap-1.5 text-small text-ink-2"
      title={`${holder.name} is on this. You may open it too.`}
    >
      <Avatar id={holder.id} name={holder.name} viewer={context.me} small labelled={false} />
      <span className="truncate">{holder.id === context.me ? "You are on this" : `${first} is on this`}</span>
    </span>
  );
}

export function Said({ item }: { item: QueueItem }) {
  if (item.comments === 0) return null;
  return (
    <span
      className="num inline-flex items-center gap-1 text-small text-ink-3"
      title={plural(item.comments, "comment")}
    >
      <MessageSquare className="size-3" aria-hidden="true" />
      {item.comments}
      <span className="sr-only">{item.comments === 1 ? " comment" : " comments"}</span>
    </span>
  );
}

/** What a row is called: its name, or where it has none the beginning of what was asked. */
export const titleOf = (item: QueueItem): string => item.name ?? (item.preview || item.row_id);
