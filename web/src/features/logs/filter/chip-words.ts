/** How a condition reads on a chip: field, operator, value. Pure. */
import type { FieldInfo, FilterPart } from "@/api/find.ts";
import type { Json } from "@/api/types.ts";
import type { Person } from "@/api/use-people.ts";
import { when } from "@/lib/format.ts";

export interface ChipWords {
  field: string;
  operator: string;
  value: string;
}

const OPERATORS: Record<string, string> = {
  "=": "is",
  "!=": "is not",
  "<>": "is not",
  ">": "above",
  ">=": "at least",
  "<": "below",
  "<=": "at most",
  includes: "has",
  contains: "has",
  "not includes": "has not",
  "not contains": "has not",
  match: "has the words",
  "not match": "has not the words",
  ilike: "is like",
  like: "is like",
  "not ilike": "is not like",
  in: "is one of",
  "not in": "is none of",
  "is null": "is missing",
  "is not null": "is there",
};

const TIMES: Record<string, string> = { ">": "after", ">=": "since", "<": "before", "<=": "until" };

/** The last name of a path, for fields that are in no list: `metadata.env` reads `env`. */
export function shortName(path: string): string {
  const quoted = /\."((?:[^"]|"")+)"$/.exec(path);
  if (quoted?.[1]) return quoted[1].replaceAll('""', '"');
  return path.split(".").at(-1) ?? path;
}

function valueText(value: Json | undefined): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map(valueText).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Words of a part that is one condition of one field; `null` for anything else, which is shown as it is written. */
export function chipWords(
  part: FilterPart,
  fields: readonly FieldInfo[],
  context: { person: (id: string) => Person; now: Date },
): ChipWords | null {
  if (!part.field || !part.operator) return null;
  const known = fields.find((field) => field.path === part.field);
  const operator = part.operator.toLowerCase();
  let value = valueText(part.value);
  const called = known?.values?.find((one) => one.value === part.value)?.label;
  if (called) value = called;
  else if (part.field === "__bt_assignments" && value !== "") value = context.person(value).name;
  const isTime = known?.kind === "time" || part.field === "created";
  const at = isTime && typeof part.value === "string" ? new Date(part.value) : null;
  if (at && !Number.isNaN(at.getTime())) value = when(at, context.now);
  return {
    field: known?.label ?? shortName(part.field),
    operator: (isTime ? TIMES[operator] : undefined) ?? OPERATORS[operator] ?? operator,
    value: operator.endsWith("null") ? "" : value,
  };
}
