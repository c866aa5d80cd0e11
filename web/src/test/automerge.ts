/** Automerge for unit tests: the WASM from disk, and review documents as the server seeds them. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as A from "@automerge/automerge/slim";
import type { ReviewDoc } from "../sync/document.ts";

const wasm = createRequire(import.meta.url).resolve("@automerge/automerge/automerge.wasm");
await A.initializeWasm(readFileSync(wasm));

/** An open review with places for `reviewers`, at version 1 of the schema. */
export function reviewDoc(reviewers: string[] = ["me"], fields: string[] = []): A.Doc<ReviewDoc> {
  const at = new Date(0);
  return A.from<Record<string, unknown>>({
    v: 1,
    scores: Object.fromEntries(reviewers.map((reviewer) => [reviewer, {}])),
    notes: Object.fromEntries(reviewers.map((reviewer) => [reviewer, {}])),
    expected: { set: false, value: null },
    fields: Object.fromEntries(fields.map((field) => [field, ""])),
    tags: {},
    comments: {},
    status: { value: new A.ImmutableString("none"), by: new A.ImmutableString("seed"), at },
    assignees: {},
    completed: {},
  }) as unknown as A.Doc<ReviewDoc>;
}

/** The changes of `edit` on a copy of `doc` made by somebody else. */
export function elsewhere<T>(doc: A.Doc<T>, edit: (draft: T) => void): A.Doc<T> {
  return A.change(A.clone(doc), edit);
}
