/** The columns of the grid: what they show, how wide they are, which may give way first. */
import { MessageSquare, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { ListLayout } from "@/api/find.ts";
import type { Place } from "@/api/place.ts";
import type { ProjectScore, RecordOrigin, TraceLine } from "@/api/types.ts";
import type { Person } from "@/api/use-people.ts";
import { type FilterTarget, path } from "@/lib/filter/expression.ts";
import { cost, count, duration, fullTime, rowTime, when } from "@/lib/format.ts";
import { Chip } from "@/ui/chip.tsx";
import { KindIcon } from "@/ui/kind-icon.tsx";
import { ofRecords } from "./record-columns.tsx";
import { ScoreCell } from "./score-cell.tsx";
import { scoreText } from "./score-text.ts";
import { StatusCell } from "./status-cell.tsx";

/** What cells need beside their row; one object for all, so that rows render again only when they must. */
export interface CellContext {
  now: Date;
  person: (reviewer: string) => Person;
  viewer: string;
  /** Address of the row that a record came from. */
  source?: (origin: RecordOrigin) => string;
  /** True on a phone: one narrow column holds what several hold elsewhere. */
  narrow: boolean;
}

export interface Column {
  id: string;
  label: string;
  /** Pixels; the input column takes what is left, at least this. */
  width: number;
  right?: boolean;
  /** Lower gives way first when the grid is narrow; 9 stays. */
  priority: number;
  /** False for columns that start hidden. */
  shown: boolean;
  cell: (row: TraceLine, context: CellContext) => ReactNode;
  /** What the list can be ordered by here. */
  sort?: string;
  /** What the list can be narrowed to by the values in the cell. */
  filters?: (row: TraceLine, context: CellContext) => CellFilter[];
}

/** A value in a cell as a condition. */
export interface CellFilter {
  label: string;
  target: FilterTarget;
}

const is = (label: string, path: string, value: string | number): CellFilter => ({
  label: `${label} is ${value}`,
  target: { kind: "is", path, value },
});

/** The text of a trace is what the list is for: at least this much of it. */
const INPUT_WIDTH = 320;

const quiet = "text-ink-2";

const before: Column[] = [
  {
    id: "time",
    label: "Time",
    sort: "created",
    width: 100,
    priority: 9,
    shown: true,
    cell: (row, { now, narrow }) => {
      const at = new Date(row.created);
      return (
        <time
          dateTime={row.created}
          title={fullTime(at)}
          className={narrow ? "text-small whitespace-normal text-ink-3" : "mono text-code text-ink-2"}
        >
          {narrow ? when(at, now) : rowTime(at, now)}
        </time>
      );
    },
  },
  {
    id: "input",
    label: "Input",
    width: INPUT_WIDTH,
    priority: 9,
    shown: true,
    cell: (row, { narrow }) => (
      <span className={narrow ? "min-w-0 [&>*]:block [&>*]:truncate" : "truncate"}>
        <span className="font-medium">{row.input_preview ?? row.name ?? "Nothing logged as input"}</span>
        {row.output_preview && (
          <span className="text-ink-3">
            {!narrow && "\u2002"}
            {row.output_preview}
          </span>
        )}
      </span>
    ),
  },
  {
    id: "kind",
    label: "Spans",
    width: 64,
    priority: 3,
    shown: true,
    cell: (row) => (
      <span className="flex items-center gap-1.5" title={row.name ?? undefined}>
        <KindIcon kind={row.kind} small />
        <span className={`num ${quiet}`}>{count(row.spans)}</span>
      </span>
    ),
    filters: (row) => [
      ...(row.name ? [is("Name", "span_attributes.name", row.name)] : []),
      ...(row.kind ? [is("Kind", "span_attributes.type", row.kind)] : []),
    ],
  },
  {
    id: "model",
    label: "Model",
    width: 88,
    priority: 2,
    shown: true,
    cell: (row) => <span className={`truncate ${quiet}`}>{row.model}</span>,
    filters: (row) => (row.model ? [is("Model", "metadata.model", row.model)] : []),
  },
  {
    id: "duration",
    sort: "duration",
    label: "Duration",
    width: 80,
    right: true,
    priority: 5,
    shown: true,
    cell: (row) => <span className="num">{duration(row.duration)}</span>,
  },
  {
    id: "tokens",
    sort: "tokens",
    label: "Tokens",
    width: 68,
    right: true,
    priority: 0,
    shown: true,
    cell: (row) => <span className={`num ${quiet}`}>{row.tokens === null ? "" : count(row.tokens)}</span>,
  },
  {
    id: "cost",
    sort: "cost",
    label: "Cost",
    width: 72,
    right: true,
    priority: 1,
    shown: true,
    cell: (row) => <span className={`num ${quiet}`}>{cost(row.cost)}</span>,
  },
  {
    id: "error",
    label: "Error",
    width: 112,
    priority: 6,
    shown: true,
    cell: (row) => {
      const text = row.error ?? (row.errors > 0 ? `${count(row.errors)} in spans` : null);
      return (
        text && (
          <span className="flex min-w-0 items-center gap-1.5 text-fail" title={text}>
            <TriangleAlert className="icon size-3!" aria-hidden="true" />
            <span className="truncate">{text}</span>
          </span>
        )
      );
    },
    filters: (row) =>
      row.error || row.errors > 0
        ? [{ label: "Has an error", target: { kind: "present", path: "error" } }]
        : [],
  },
];

const statusWords = {
  none: "not flagged",
  awaiting: "awaiting",
  in_progress: "in progress",
  complete: "complete",
};

const after: Column[] = [
  {
    id: "status",
    label: "Review",
    width: 120,
    priority: 8,
    shown: true,
    cell: (row) => <StatusCell row={row} />,
    filters: (row, { person }) => [
      {
        label: `Review is ${statusWords[row.review.status]}`,
        target: { kind: "is", path: "review.status", value: row.review.status },
      },
      ...row.review.assignees.map(
        (id): CellFilter => ({
          label: `Assigned to ${person(id).name}`,
          target: { kind: "holds", path: "__bt_assignments", value: id },
        }),
      ),
    ],
  },
  {
    id: "comments",
    label: "Comments",
    width: 84,
    right: true,
    priority: 2,
    shown: false,
    cell: (row) =>
      row.review.comments > 0 && (
        <span className={`num flex items-center justify-end gap-1 ${quiet}`}>
          <MessageSquare className="icon size-3!" aria-hidden="true" />
          {count(row.review.comments)}
        </span>
      ),
  },
  {
    id: "tags",
    label: "Tags",
    width: 104,
    priority: 4,
    shown: true,
    cell: (row) => (
      <span className="flex min-w-0 gap-1 overflow-hidden" title={row.tags.join(", ")}>
        {row.tags.map((tag) => (
          <Chip key={tag} tone="line">
            {tag}
          </Chip>
        ))}
      </span>
    ),
    filters: (row) =>
      row.tags.map((tag) => ({
        label: `Tagged ${tag}`,
        target: { kind: "holds", path: "tags", value: tag },
      })),
  },
];

/** Columns of this priority stay however narrow the grid is: it scrolls sideways then. */
const KEEPS_ITS_PLACE = 7;
/** The first scores keep their place however narrow the grid is; the others give way before time and errors. */
const FIRM_SCORES = 3;
/** Scores beyond this many start hidden. */
const SCORES_SHOWN = 8;

/** What a record of a dataset has of the columns before the scores: nothing of it ran. */
const OF_RECORDS = ["time", "input"];

/**
 * All columns: the fixed ones, with one per score between. `seen` are names of scores that rows carry without
 * being configured, such as those of an automatic judge; in experiments they are what it was run for and come first.
 */
export function columnsFor(
  scores: readonly ProjectScore[],
  seen: readonly string[],
  { noun, seenFirst = false }: { noun: Place["noun"]; seenFirst?: boolean } = { noun: "trace" },
): Column[] {
  // Records show no numbers of scores: what is decided about them stands in `expected` and `metadata`.
  if (noun === "record") {
    return [...before.filter((column) => OF_RECORDS.includes(column.id)), ...ofRecords, ...after];
  }
  const numeric = scores.filter(
    (score) => score.score_type !== "free-form" && score.config?.destination !== "expected",
  );
  const configured = new Set(scores.map((score) => score.name));
  const extra = seen.filter((name) => !configured.has(name)).sort();
  const own = numeric.map((score) => score.name);
  const names = seenFirst ? [...extra, ...own] : [...own, ...extra];
  return [
    ...before,
    ...names.map((name, index): Column => {
      const score = scores.find((one) => one.name === name);
      return {
        id: `score:${name}`,
        label: name,
        width: 136,
        priority: index < FIRM_SCORES ? KEEPS_ITS_PLACE : 4,
        shown: index < SCORES_SHOWN,
        cell: (row, context) => <ScoreCell row={row} name={name} score={score} context={context} />,
        sort: `scores.${name}`,
        filters: (row) => scoreFilters(name, row.scores[name], score),
      };
    }),
    ...after,
  ];
}

/** A score as conditions: where it has options it is that option, else at least or at most that much. */
function scoreFilters(
  name: string,
  value: number | null | undefined,
  score: ProjectScore | undefined,
): CellFilter[] {
  const field = path(["scores", name]);
  if (value === null || value === undefined) {
    return [{ label: `${name} is missing`, target: { kind: "missing", path: field } }];
  }
  const text = scoreText(value, score);
  if (score?.categories) return [{ label: `${name} is ${text}`, target: { kind: "is", path: field, value } }];
  return [
    { label: `${name} is at least ${text}`, target: { kind: "atLeast", path: field, value } },
    { label: `${name} is at most ${text}`, target: { kind: "atMost", path: field, value } },
  ];
}

/** Columns as a layout wants them: in its order, with its widths. */
export function arranged(columns: readonly Column[], layout: ListLayout): Column[] {
  const order = layout.columnOrder ?? [];
  const place = (column: Column, index: number) => {
    const at = order.indexOf(column.id);
    return at < 0 ? order.length + index : at;
  };
  return columns
    .map((column, index) => ({ column, place: place(column, index) }))
    .sort((a, b) => a.place - b.place)
    .map(({ column }) => {
      const width = layout.columnSizing?.[column.id];
      return width === undefined ? column : { ...column, width };
    });
}

/** Whether a layout shows a column; what it does not name follows the default. */
export const isShown = (column: Column, layout: ListLayout): boolean =>
  column.id === "input" || (layout.columnVisibility?.[column.id] ?? column.shown);

/** Room that the grid's padding, the selecting cell and a scroll bar take. */
const AROUND = 74;

/**
 * The columns to show at a width: the chosen ones, less those that give way so that nothing scrolls sideways.
 * A column that a person turned on (`pinned`) never gives way.
 */
export function fitting(
  columns: readonly Column[],
  width: number,
  pinned: (column: Column) => boolean = () => false,
): Column[] {
  if (width < 640) {
    // One line of a phone: when, what, and where its review stands.
    return columns.filter((column) => ["time", "input", "status"].includes(column.id));
  }
  let shown = [...columns];
  while (shown.length > 3 && shown.reduce((sum, column) => sum + column.width, AROUND) > width) {
    const last = shown
      .filter((column) => column.priority < KEEPS_ITS_PLACE && !pinned(column))
      .reduce<Column | null>(
        (least, column) => (least && least.priority <= column.priority ? least : column),
        null,
      );
    if (!last) break;
    shown = shown.filter((column) => column !== last);
  }
  // The last to go may have left room for a smaller one that went before.
  const room = () => width - shown.reduce((sum, column) => sum + column.width, AROUND);
  const gone = columns.filter((column) => !shown.includes(column)).sort((a, b) => b.priority - a.priority);
  for (const column of gone) {
    if (column.width <= room()) shown = columns.filter((one) => one === column || shown.includes(one));
  }
  return shown;
}

/** What a row is drawn with: its columns and width, all in pixels, so that no row has to measure its text. */
export interface Geometry {
  template: string;
  width: number;
}

const NARROW: Record<string, number> = { time: 64, status: 108 };

/** The cell before the columns, for selecting; phones have none. */
const SELECT_WIDTH = 26;

/** Widths for a grid of `width` pixels with `padding` at each side: the input column takes what is left. */
export function geometry(
  columns: readonly Column[],
  width: number,
  padding: number,
  narrow: boolean,
): Geometry {
  const own = (column: Column) => (narrow ? (NARROW[column.id] ?? column.width) : column.width);
  const select = narrow ? 0 : SELECT_WIDTH;
  const others = columns.reduce((sum, column) => (column.id === "input" ? sum : sum + own(column)), select);
  const least = columns.find((column) => column.id === "input")?.width ?? INPUT_WIDTH;
  const input = Math.max(narrow ? 120 : least, width - others - 2 * padding);
  const widths = columns.map((column) => (column.id === "input" ? input : own(column)));
  const template = [...(narrow ? [] : [select]), ...widths].map((pixels) => `${pixels}px`).join(" ");
  return { template, width: others + input + 2 * padding };
}
