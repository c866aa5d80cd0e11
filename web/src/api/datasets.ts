/** Datasets made of rows, and rows as files. */

import { post, postFile, problemOf, withQuery } from "./client.ts";
import type { BulkTarget } from "./find.ts";
import type { components } from "./schema.ts";
import type { Json, ObjectInfo, ObjectRef } from "./types.ts";

type Schemas = components["schemas"];

/** What becomes the expected value of a record. */
export type Becomes = Schemas["Becomes"];
export type Added = Schemas["AddedToDataset"];
export type FileFormat = Schemas["FileFormat"];
export type ImportPreview = Schemas["ImportPreview"];
export type Imported = Schemas["Imported"];
export type Rejected = Schemas["RejectedRecord"];

/** Adds rows to a dataset; a repeat adds nothing. */
export const addToDataset = (dataset: string, object: ObjectRef, target: BulkTarget, expected: Becomes) =>
  post<Added>(`/api/dataset/${dataset}/add`, { ...object, ...target, expected });

/** The dataset of that name, made if there is none. */
export const makeDataset = (project: string, name: string) =>
  post<ObjectInfo>("/v1/dataset", { project_id: project, name });

export interface ImportOptions {
  format: FileFormat;
  /** How cells of a table are read. */
  cells: "json" | "text";
}

/** As much of a file as a preview needs. */
const PREVIEW_BYTES = 1 << 20;

/** What is in a file, from its beginning. */
export const previewFile = (dataset: string, file: Blob, options: ImportOptions) =>
  postFile<ImportPreview>(
    `/api/dataset/${dataset}/import/preview`,
    { ...options },
    file.slice(0, PREVIEW_BYTES),
  );

/** Stores the records of a file; `name` makes a repeat harmless. */
export const importFile = (
  dataset: string,
  file: Blob,
  options: ImportOptions,
  map: Record<string, string>,
  name: string,
) =>
  postFile<Imported>(
    `/api/dataset/${dataset}/import`,
    { ...options, map: JSON.stringify(map), import: name },
    file,
  );

/** Puts a value in place of a field of a record; null takes the field away. */
export const writeField = (dataset: string, row: string, field: "input" | "metadata", value: Json) =>
  post<{ row_ids: string[]; errors?: { detail: string }[] }>(`/v1/dataset/${dataset}/insert`, {
    // Replaced whole: merging would keep the keys that were taken out.
    events: [{ id: row, _is_merge: true, _merge_paths: [[field]], [field]: value }],
  });

/** Address of a file of all rows that match. */
export const exportAddress = (object: ObjectRef, filter: string, format: FileFormat) =>
  withQuery("/api/export", { ...object, filter, format });

/** A file of some rows. */
export async function exportSome(object: ObjectRef, target: BulkTarget, format: FileFormat): Promise<Blob> {
  const response = await fetch("/api/export", {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...object, ...target, format }),
  });
  if (!response.ok) throw await problemOf(response);
  return response.blob();
}
