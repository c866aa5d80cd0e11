/** What an import needs to know of its file, and what is told about its columns. Pure. */
import type { FileFormat, Rejected } from "@/api/datasets.ts";

/** Places that a column may go to, in the order of the list; parts are made with the column's own name. */
export type Target =
  | ""
  | "id"
  | "input"
  | "input."
  | "expected"
  | "expected."
  | "metadata"
  | "metadata."
  | "tags"
  | "origin";

export const TARGETS: readonly { value: Target; label: string }[] = [
  { value: "input", label: "Input" },
  { value: "input.", label: "Part of input" },
  { value: "expected", label: "Expected" },
  { value: "expected.", label: "Part of expected" },
  { value: "metadata.", label: "Part of metadata" },
  { value: "metadata", label: "All of metadata" },
  { value: "tags", label: "Tags" },
  { value: "id", label: "Id" },
  { value: "origin", label: "Origin" },
  { value: "", label: "Leave out" },
];

/** `"metadata.language"` as it stands in the list. */
export function targetOf(text: string | undefined): Target {
  if (text === undefined || text === "") return "";
  const dot = text.indexOf(".");
  return (dot < 0 ? text : text.slice(0, dot + 1)) as Target;
}

/** The place of a column as the server reads it: a part is named after the column. */
export function placeOf(column: string, target: Target): string {
  if (!target.endsWith(".")) return target;
  return column.startsWith(target) ? column : `${target}${column}`;
}

/** What is wrong with a map, if anything is. */
export function problemOf(map: Record<string, string>): string | null {
  const taken = new Map<string, string>();
  for (const [column, place] of Object.entries(map)) {
    if (place === "") continue;
    const other = taken.get(place);
    if (other !== undefined) return `${other} and ${column} both become ${place}. Make one of them a part.`;
    taken.set(place, column);
  }
  for (const field of ["input", "expected"]) {
    const part = [...taken.keys()].find((place) => place.startsWith(`${field}.`));
    if (taken.has(field) && part !== undefined)
      return `${taken.get(field)} becomes all of ${field}, so ${taken.get(part)} cannot be a part of it.`;
  }
  if (![...taken.keys()].some((place) => /^(input|expected)(\.|$)/.test(place)))
    return "No column becomes input or expected, so every record would be empty.";
  return null;
}

/** By the end of its name; `null` for what is neither. */
export function formatOf(name: string): FileFormat | null {
  const end = name.toLowerCase().split(".").pop();
  if (end === "csv" || end === "tsv") return "csv";
  if (end === "jsonl" || end === "ndjson") return "jsonl";
  return null;
}

/** The rejected records of a file as a file of their own, to be mended and imported again. */
export function rejectedFile(
  file: Blob,
  format: FileFormat,
  head: number,
  rejected: readonly Rejected[],
): Blob {
  const parts: BlobPart[] = format === "csv" ? [file.slice(0, head)] : [];
  for (const { from, to } of rejected) parts.push(file.slice(from, to));
  return new Blob(parts, { type: format === "csv" ? "text/csv" : "application/jsonl" });
}
