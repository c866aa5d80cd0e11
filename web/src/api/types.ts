/**
 * What the server says over HTTP, by hand and in one place. Times are RFC 3339 text in UTC with
 * microseconds; ids are UUID text unless said otherwise.
 */

export type Role = "owner" | "lead" | "reviewer" | "viewer";
export type ReviewStatus = "none" | "awaiting" | "in_progress" | "complete";
export type ObjectType = "project_logs" | "experiment" | "dataset";
/** A container of rows. */
export interface ObjectRef {
  object_type: ObjectType;
  object_id: string;
}
/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Session {
  user: { id: string; email: string; name: string };
  organization: { id: string; name: string };
  role: Role;
  /** Origin under which clients reach this server. */
  public_url: string;
}

export interface Member {
  id: string;
  email: string;
  name: string;
  role: Role;
  created: string;
  disabled: boolean;
}

export interface NewMember {
  id: string;
  email: string;
  name: string;
  role: Role;
  /** Missing when the member was made with a password. */
  invite_url?: string;
}

export interface ApiKey {
  id: string;
  name: string;
  member_id: string;
  scope: string | null;
  /** First characters of the key, enough to recognise it. */
  prefix: string;
  created: string;
  last_used: string | null;
}

export interface Project {
  id: string;
  org_id: string;
  name: string;
  description: string | null;
  created: string;
  deleted_at: string | null;
  user_id: string | null;
  settings: Json;
}

/** An experiment or a dataset in a list. */
export interface ObjectOverview {
  id: string;
  name: string;
  description: string | null;
  created: string;
  traces: number;
  awaiting: number;
  in_progress: number;
  complete: number;
}

/** A mean of an experiment, and how it differs from the experiment that it is compared with. */
export interface SummaryEntry {
  name: string;
  /** Of scores: 0 to 1. */
  score?: number;
  /** Of metrics, in `unit`. */
  metric?: number;
  unit?: string;
  diff?: number;
  improvements: number;
  regressions: number;
}

export interface ExperimentSummary {
  experiment_name: string;
  comparison_experiment_name: string | null;
  scores: Record<string, SummaryEntry> | null;
  metrics: Record<string, SummaryEntry> | null;
}

/** An experiment or a dataset, as far as the app looks at it. */
export interface ObjectInfo {
  id: string;
  project_id: string;
  name: string;
  description: string | null;
  created: string;
  tags: string[] | null;
  metadata: Json;
  /** Of experiments. */
  base_exp_id?: string | null;
  dataset_id?: string | null;
}

export interface ProjectOverview {
  id: string;
  name: string;
  created: string;
  traces: number;
  traces_today: number;
  awaiting: number;
  in_progress: number;
  complete: number;
  last_activity: string | null;
}

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
  aggregate?: Aggregate | null;
}

export interface ProjectScore {
  id: string;
  project_id: string;
  user_id: string;
  name: string;
  description: string | null;
  /** Kinds of later versions (`weighted`, …) may come too: show them, offer no control. */
  score_type: ScoreType | (string & {});
  categories: Category[] | null;
  config: ScoreConfig | null;
  position: string | null;
  created: string;
}

/** One member's judgement on a row. */
export interface HumanScore {
  reviewer: string;
  score: string;
  value: number | string | string[] | null;
}

/** One row as lists show it: never whole payloads. */
export interface Line {
  id: string;
  span_id: string;
  root_span_id: string;
  is_root: boolean;
  created: string;
  name: string | null;
  kind: string | null;
  model: string | null;
  input_preview: string | null;
  output_preview: string | null;
  /** Seconds. */
  duration: number | null;
  tokens: number | null;
  /** US dollars. */
  cost: number | null;
  error: string | null;
  /** Effective values. */
  scores: Record<string, number | null>;
  human: HumanScore[];
  tags: string[];
  review: {
    document_id: string | null;
    status: ReviewStatus;
    reviewers: string[];
    comments: number;
    assignees: string[];
  };
}

export interface TraceLine extends Line {
  spans: number;
  errors: number;
}

export interface TracePage {
  traces: TraceLine[];
  cursor: string | null;
  total: number;
}

export interface SpanLine extends Line {
  span_parents: string[];
  /** Unix seconds. */
  start: number | null;
  end: number | null;
  order: number;
}

export interface TraceDetail {
  root_span_id: string;
  spans: SpanLine[];
  truncated: boolean;
  previous: string | null;
  next: string | null;
  position: number;
  total: number;
}

export interface RowComment {
  id: string;
  text: string;
  author: { id: string; name: string };
  at: string;
  edited_at?: string | null;
  resolved?: boolean;
  parent?: string | null;
  anchor?: Json;
  source: string;
}

export interface Logged {
  scores: Record<string, number | null>;
  expected: Json;
  metadata: Json;
  tags: string[];
}

/** One row whole, with effective values; `logged` holds them as the client sent them. */
export interface SpanEvent {
  id: string;
  _xact_id: string;
  created: string;
  input: Json;
  output: Json;
  expected: Json;
  error: Json;
  scores: Record<string, number | null> | null;
  metadata: Record<string, Json> | null;
  tags: string[] | null;
  metrics: Record<string, number> | null;
  context: Json;
  span_attributes: { name?: string; type?: string; [key: string]: Json | undefined } | null;
  span_parents: string[] | null;
  span_id: string;
  root_span_id: string;
  is_root: boolean;
  origin: Json;
  logged: Logged;
  comments: RowComment[];
  reviews: Record<
    string,
    { scores: Record<string, Json>; notes: Record<string, string>; completed: string | null }
  >;
  review: { document_id: string | null; status: ReviewStatus };
}

export interface Located {
  root_span_id: string;
  span_id: string;
  id: string;
}

export interface OpenedReview {
  document_id: string;
  /** `automerge:…` */
  url: string;
  /** The caller's key under `/scores`. */
  reviewer: string;
}

export interface HistoryEntry {
  id: string;
  revision: number;
  at: string;
  actor: { id: string; name: string };
  on_behalf_of?: { id: string; name: string } | null;
  source: string;
  /** JSON Pointer into the document. */
  path: string;
  from: Json;
  to: Json;
  hash: string;
}

export interface HistoryPage {
  entries: HistoryEntry[];
  cursor: string | null;
}
