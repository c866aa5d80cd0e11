/**
 * The shape of a review document as automerge holds it (version 1).
 *
 * A plain string is a Text object that people edit together; an `ImmutableString` is a scalar written whole.
 * Everybody writes only where the server's gate lets them: own scores and notes, own comments, shared fields.
 */
import { ImmutableString } from "@automerge/automerge/slim";

/** A JSON value as people and the API see it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON value as the document holds it: strings are Text (`string`) or scalars (`ImmutableString`). */
export type Tree =
  | null
  | boolean
  | number
  | bigint
  | string
  | ImmutableString
  | Date
  | Tree[]
  | { [key: string]: Tree };

/** What one reviewer said about one score: a number, an option, or a set of options. */
export type JudgementLeaf = number | null | ImmutableString | { [option: string]: boolean };

/** A person and a moment, as stored beside facts that name their author. */
export interface Signed {
  by: ImmutableString;
  at: Date;
}

/** A comment's place in the reviewed content: offsets into the text of a field, with the quoted words. */
export type AnchorTree = { [key: string]: Tree };

export interface CommentDoc {
  author: ImmutableString;
  at: Date;
  text: string;
  edited_at?: Date;
  deleted?: boolean;
  resolved?: boolean | Signed;
  parent?: ImmutableString;
  anchor?: AnchorTree;
}

export interface ReviewDoc {
  v: number;
  scores: { [reviewer: string]: { [score: string]: JudgementLeaf } };
  notes: { [reviewer: string]: { [score: string]: string } };
  expected: { set: boolean; value: Tree; settled?: Signed };
  fields: { [score: string]: string };
  tags: { [tag: string]: boolean };
  comments: { [id: string]: CommentDoc };
  status: { value: ImmutableString; by: ImmutableString; at: Date };
  assignees: { [user: string]: Signed };
  completed: { [reviewer: string]: Date };
}

/** Review statuses in the order of work. */
export const STATUSES = ["none", "awaiting", "in_progress", "complete"] as const;
export type ReviewStatus = (typeof STATUSES)[number];

/** Characters one change may insert into a text: the server refuses changes above 20,000 operations. */
export const MAX_SPLICE = 10_000;

/** A scalar string. */
export function scalar(text: string): ImmutableString {
  return new ImmutableString(text);
}

/** A JSON Pointer (RFC 6901) to `path`. */
export function pointer(path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** The path that a JSON Pointer names. */
export function parsePointer(text: string): string[] {
  return text
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
