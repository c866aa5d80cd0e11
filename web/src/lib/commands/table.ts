/**
 * Every command of the app: the sheet of keys, the palette, the hints beside controls and the key
 * handler read this one table. `table.test.ts` fails when two commands that can be heard together share keys.
 */
import { focusCommands } from "./focus.ts";
import { queueCommands } from "./queue.ts";
import { traceCommands } from "./trace.ts";
import type { Command } from "./types.ts";

const frameCommands = [
  {
    id: "palette.open",
    label: "Search or jump to",
    keys: ["Mod+k"],
    scope: "global",
    keyOnly: true,
  },
  { id: "keys.open", label: "Show all keys", keys: ["?"], scope: "global", synonyms: ["help", "shortcuts"] },
  { id: "go.logs", label: "Go to Logs", keys: ["g l"], scope: "global", synonyms: ["traces"] },
  { id: "go.experiments", label: "Go to Experiments", keys: ["g e"], scope: "global", synonyms: ["evals"] },
  { id: "go.review", label: "Go to Review", keys: ["g r"], scope: "global", synonyms: ["queue", "inbox"] },
  {
    id: "inbox.open",
    label: "Show notifications",
    keys: ["g i"],
    scope: "global",
    synonyms: ["bell", "mentions", "assigned"],
  },
  { id: "go.datasets", label: "Go to Datasets", keys: ["g d"], scope: "global", synonyms: ["records"] },
  {
    id: "go.configuration",
    label: "Go to Configuration",
    keys: ["g c"],
    scope: "global",
    synonyms: ["settings", "scores", "members", "keys"],
  },
  { id: "go.projects", label: "Go to Projects", keys: ["g p"], scope: "global", synonyms: ["home"] },
  {
    id: "frame.sidebar",
    label: "Show or hide the side bar",
    keys: ["["],
    scope: "global",
    synonyms: ["rail"],
  },
  {
    id: "frame.theme",
    label: "Light or dark",
    keys: ["Mod+Shift+l"],
    scope: "global",
    synonyms: ["theme", "colour"],
  },
  { id: "session.signOut", label: "Sign out", keys: [], scope: "global", synonyms: ["log out", "leave"] },
] as const satisfies readonly Command[];

const listCommands = [
  { id: "projects.next", label: "Next project", keys: ["j"], scope: "projects", keyOnly: true },
  { id: "projects.previous", label: "Previous project", keys: ["k"], scope: "projects", keyOnly: true },
  { id: "projects.open", label: "Open project", keys: ["Enter"], scope: "projects", keyOnly: true },
  {
    id: "projects.create",
    label: "Create a project",
    keys: ["c"],
    scope: "projects",
    synonyms: ["new", "add"],
  },
  { id: "objects.next", label: "Next one", keys: ["j"], scope: "objects", keyOnly: true },
  { id: "objects.previous", label: "Previous one", keys: ["k"], scope: "objects", keyOnly: true },
  { id: "objects.open", label: "Open it", keys: ["Enter"], scope: "objects", keyOnly: true },
  { id: "logs.next", label: "Next row", keys: ["j"], scope: "logs", keyOnly: true },
  { id: "logs.previous", label: "Previous row", keys: ["k"], scope: "logs", keyOnly: true },
  { id: "logs.open", label: "Open this row", keys: ["Enter"], scope: "logs", keyOnly: true },
  { id: "logs.peek", label: "Open beside the list", keys: ["Space"], scope: "logs", keyOnly: true },
  {
    id: "logs.showNew",
    label: "Show what is new",
    keys: ["."],
    scope: "logs",
    synonyms: ["refresh", "live"],
  },
  {
    id: "logs.order",
    label: "Newest or oldest first",
    keys: ["o"],
    scope: "logs",
    synonyms: ["sort"],
  },
  {
    id: "logs.filter",
    label: "Filter this list",
    keys: ["f"],
    scope: "logs",
    synonyms: ["find", "search", "where"],
  },
  {
    id: "logs.filterByValue",
    label: "Filter by a value of this row",
    keys: ["Shift+f"],
    scope: "logs",
    synonyms: ["only these"],
  },
  { id: "logs.view", label: "Switch view", keys: ["v"], scope: "logs", synonyms: ["saved views"] },
  {
    id: "logs.columns",
    label: "Choose columns",
    keys: ["Shift+v"],
    scope: "logs",
    synonyms: ["hide", "row height"],
  },
  {
    id: "logs.focus",
    label: "Review these one after another",
    keys: ["r"],
    scope: "logs",
    synonyms: ["focus", "queue"],
  },
  { id: "logs.select", label: "Select this row", keys: ["x"], scope: "logs", keyOnly: true },
  { id: "logs.extendDown", label: "Select to the next row", keys: ["Shift+j"], scope: "logs", keyOnly: true },
  {
    id: "logs.extendUp",
    label: "Select to the previous row",
    keys: ["Shift+k"],
    scope: "logs",
    keyOnly: true,
  },
  {
    id: "logs.metrics",
    label: "Show or hide the figures",
    keys: ["m"],
    scope: "logs",
    synonyms: ["metrics", "histogram"],
  },
  {
    id: "logs.addToDataset",
    label: "Add the selection to a dataset",
    keys: ["a"],
    scope: "logs",
    synonyms: ["golden", "copy", "record"],
  },
  {
    id: "logs.exportCsv",
    label: "Export what is listed as a table (CSV)",
    keys: [],
    scope: "logs",
    synonyms: ["download", "spreadsheet", "excel"],
  },
  {
    id: "logs.exportJsonl",
    label: "Export what is listed as lines of JSON (JSONL)",
    keys: [],
    scope: "logs",
    synonyms: ["download", "file"],
  },
  {
    id: "dataset.import",
    label: "Import a file into this dataset",
    keys: ["i"],
    scope: "logs",
    synonyms: ["upload", "csv", "jsonl", "load"],
  },
  {
    id: "configuration.create",
    label: "Create in this list",
    keys: ["c"],
    scope: "configuration",
    synonyms: ["new", "add", "invite"],
  },
] as const satisfies readonly Command[];

export const COMMANDS = [
  ...frameCommands,
  ...listCommands,
  ...queueCommands,
  ...traceCommands,
  ...focusCommands,
] as const;

export type CommandId = (typeof COMMANDS)[number]["id"];

const byId = new Map<string, Command>(COMMANDS.map((command) => [command.id, command]));

/** The command of an id; every id of the type is in the table. */
export function command(id: CommandId): Command {
  const found = byId.get(id);
  if (!found) throw new Error(`no command ${id}`);
  return found;
}
