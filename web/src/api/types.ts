/**
 * What the server says over HTTP. The shapes come from its own description (`schema.ts`); here they get their names, and what the
 * description leaves open on purpose (kinds of scores, JSON of clients) gets the shape that the app knows.
 */
import type { components, Json } from "./schema.ts";

export type { Json };

type Schemas = components["schemas"];

/** What members may be; keys that write rows or feedback only are nobody's. */
export type Role = Exclude<Schemas["Role"], "feedback" | "ingest">;
export type ReviewStatus = Schemas["ReviewStatus"];
export type ObjectType = Schemas["ObjectType"];
/** A container of rows. */
export type ObjectRef = { object_type: ObjectType; object_id: string };

export type Session = Omit<Schemas["Session"], "role"> & { role: Role };
export type Member = Omit<Schemas["Member"], "role"> & { role: Role };
export type NewMember = Omit<Schemas["NewMember"], "role"> & { role: Role };
export type ApiKey = Schemas["ApiKey"];

export type Project = Schemas["Project"];
export type ProjectOverview = Schemas["ProjectOverview"];
/** An experiment or a dataset in a list. */
export type ObjectOverview = Schemas["ObjectOverview"];
/** An experiment or a dataset. */
export type ObjectInfo = Schemas["ObjectInfo"];
/** A mean of an experiment, and how it differs from the experiment that it is compared with. */
export type SummaryEntry = Schemas["SummaryEntry"];
export type ExperimentSummary = Schemas["ExperimentSummary"];

export type ScoreType = "slider" | "categorical" | "free-form";
export type Aggregate = "mean" | "median" | "majority" | "latest";

export interface Category {
  name: string;
  /** In 0..1 and unique within the score, so that the option can be found from the number. */
  value: number;
}

export interface ScoreConfig {
  /** `"expected"` writes the choice to the expected value; for free-form, a path such as `metadata.reason`. */
  destination?: string | null;
  multi_select?: boolean | null;
  /** Kinds of objects whose rows are asked; absent or empty: all that can be. */
  object_types?: ObjectType[] | null;
  /** Who is asked; absent or empty: everybody. */
  visibility?: { users?: string[] | null; groups?: string[] | null } | null;
  aggregate?: Aggregate | null;
}

export type ProjectScore = Omit<
  Schemas["ProjectScore"],
  "score_type" | "categories" | "config" | "position"
> & {
  /** Kinds of later versions (`weighted`, …) may come too: show them, offer no control. */
  score_type: ScoreType | (string & {});
  categories: Category[] | null;
  config: ScoreConfig | null;
  position: string | null;
};

/** One judgement on a row: a number, an option name, or several. */
export type HumanScore = Omit<Schemas["HumanScore"], "value"> & { value: number | string | string[] | null };

/** What a record of a dataset holds, as lists show it. */
export type RecordLine = Schemas["RecordLine"];
export type RecordOrigin = Schemas["RecordOrigin"];

/** One row as lists show it: never whole payloads. */
export type Line = Omit<Schemas["RowLine"], "human"> & { human: HumanScore[] };
export type TraceLine = Line &
  Omit<Schemas["TraceLine"], keyof Line> & {
    /** With a filter: row ids of spans that match, at most ten. */
    matched?: string[] | null;
    /** Of a dataset. */
    record?: RecordLine | null;
  };
export type SpanLine = Line & Omit<Schemas["SpanLine"], keyof Line>;
export type TracePage = Omit<Schemas["TracePage"], "traces"> & { traces: TraceLine[] };
export type TraceDetail = Omit<Schemas["TraceDetail"], "spans"> & { spans: SpanLine[] };

export type RowComment = Schemas["RowComment"];
export type Logged = Schemas["LoggedValues"];

/** What the rows of datasets lack, which the app fills in as null. */
type OfSpans = "output" | "error" | "scores" | "metrics" | "context" | "span_attributes";

/** One row whole, with effective values; `logged` holds them as the client sent them. */
export type SpanEvent = Omit<Schemas["RowEvent"], OfSpans> & {
  output: Json;
  error: Json;
  scores: Record<string, number | null> | null;
  metrics: Record<string, number> | null;
  context: Json;
  span_attributes: { name?: string; type?: string; [key: string]: Json | undefined } | null;
};

export type Located = Schemas["Located"];
export type OpenedReview = Omit<Schemas["OpenedReview"], "reviewer"> & {
  /** The caller's key under `/scores`: whoever signs in is a member and has one. */
  reviewer: string;
};
export type HistoryEntry = Schemas["HistoryEntry"];
export type HistoryPage = Schemas["HistoryPage"];
