import type { Command } from "./types.ts";

/** Commands of the review page, beside those of every list. */
export const queueCommands = [
  { id: "queue.layout", label: "List or board", keys: ["b"], scope: "logs", synonyms: ["kanban", "columns"] },
  {
    id: "queue.forward",
    label: "Move on: awaiting, in progress, complete",
    keys: ["Shift+ArrowRight"],
    scope: "logs",
    synonyms: ["status", "done"],
  },
  {
    id: "queue.back",
    label: "Move back to the status before",
    keys: ["Shift+ArrowLeft"],
    scope: "logs",
    synonyms: ["status", "reopen"],
  },
  { id: "queue.trace", label: "Open the whole trace", keys: ["Shift+Enter"], scope: "logs", keyOnly: true },
  {
    id: "queue.tab",
    label: "Log spans, experiment spans, dataset rows",
    keys: ["1", "2", "3"],
    scope: "logs",
    keyOnly: true,
  },
] as const satisfies readonly Command[];
