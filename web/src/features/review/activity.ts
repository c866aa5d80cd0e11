/** The history of a review in sentences. Pure. */
import type { HistoryEntry, Json } from "@/api/types.ts";
import { parsePointer } from "@/sync/document.ts";

export interface Event {
  id: string;
  who: { id: string; name: string };
  at: number;
  text: string;
  /** How many changes this line stands for. */
  changes: number;
}

/** Edits of one text by one person within this time are one line. */
const TOGETHER_MS = 60_000;

export interface Naming {
  /** The words for a score's value. */
  answer: (score: string, value: Json) => string;
  person: (id: string) => string;
}

/** Newest first. */
export function eventsOf(entries: readonly HistoryEntry[], naming: Naming): Event[] {
  const events: (Event & { key: string })[] = [];
  let before: HistoryEntry | undefined;
  for (const entry of entries) {
    const said = isRepeated(entry, before) ? null : describe(entry, naming);
    before = entry;
    if (!said) continue;
    const at = Date.parse(entry.at);
    const who = entry.on_behalf_of ?? entry.actor;
    const last = events[events.length - 1];
    const key = `${who.id} ${said.key}`;
    if (last && last.key === key && at - last.at < TOGETHER_MS) {
      last.at = at;
      last.text = said.text;
      last.changes++;
    } else {
      events.push({ id: entry.id, who, at, text: said.text, changes: 1, key });
    }
  }
  return events.reverse();
}

/** Completing sets a status in the same change: that is one thing said twice. */
function isRepeated(entry: HistoryEntry, before: HistoryEntry | undefined): boolean {
  return entry.path === "/status" && before?.hash === entry.hash && before.path.startsWith("/completed/");
}

/** What an entry says, and a key that is equal for edits that belong together. */
function describe(entry: HistoryEntry, naming: Naming): { text: string; key: string } | null {
  const [area, first, second] = parsePointer(entry.path);
  const gone = entry.to === null;
  switch (area) {
    case "scores":
      if (second === undefined) return null;
      return {
        text: gone ? `cleared ${second}` : `set ${second} to ${naming.answer(second, entry.to)}`,
        key: entry.path,
      };
    case "notes":
      return second === undefined
        ? null
        : {
            text:
              gone || entry.to === "" ? `took back the reason for ${second}` : `gave a reason for ${second}`,
            key: entry.path,
          };
    case "expected":
      if (first === "settled") return { text: "settled Expected", key: "settled" };
      if ((first === undefined || first === "set") && !entry.to)
        return { text: "put Expected back to what was logged", key: "reset" };
      return { text: "edited Expected", key: "expected" };
    case "fields":
      // The server makes the empty text when the review is opened: nobody wrote anything.
      return first === undefined || (entry.from === null && entry.to === "")
        ? null
        : { text: `wrote ${first}`, key: entry.path };
    case "tags":
      return first === undefined
        ? null
        : { text: `${entry.to === true ? "added" : "removed"} tag ${first}`, key: entry.path };
    case "comments":
      return comment(second, entry);
    case "status":
      return status(entry);
    case "assignees":
      return first === undefined
        ? null
        : { text: `${gone ? "unassigned" : "assigned"} ${naming.person(first)}`, key: entry.path };
    case "completed":
      return { text: gone ? "reopened the review" : "completed the review", key: "completed" };
    default:
      return null;
  }
}

function comment(leaf: string | undefined, entry: HistoryEntry): { text: string; key: string } | null {
  switch (leaf) {
    case undefined:
      return { text: entry.to === null ? "deleted a comment" : "commented", key: entry.path };
    case "text":
      return entry.from === null
        ? { text: "commented", key: entry.path }
        : { text: "edited a comment", key: entry.path };
    case "deleted":
      return { text: "deleted a comment", key: entry.path };
    case "resolved":
      return { text: entry.to ? "resolved a comment" : "opened a comment again", key: entry.path };
    default:
      return null;
  }
}

const STATUS: { [value: string]: string } = {
  none: "took the review flag away",
  awaiting: "flagged for review",
  in_progress: "started the review",
  complete: "marked the review complete",
};

function status(entry: HistoryEntry): { text: string; key: string } | null {
  const value =
    typeof entry.to === "object" && entry.to !== null && !Array.isArray(entry.to) ? entry.to.value : entry.to;
  const text = typeof value === "string" ? STATUS[value] : undefined;
  return text === undefined ? null : { text, key: "status" };
}
