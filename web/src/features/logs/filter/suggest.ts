/** What the filter box offers at the caret. Pure; values come with the counts that the server gave. */
import type { FacetValue, FieldInfo } from "@/api/find.ts";
import { type Asked, fit, operatorsOf } from "@/lib/filter/complete.ts";
import { literal } from "@/lib/filter/expression.ts";
import { count } from "@/lib/format.ts";

export interface Suggestion {
  /** What is put into the text. */
  text: string;
  label: string;
  /** Beside the label: the path, the operator's meaning, how often a value is there. */
  aside: string;
  /** The condition is whole once this is put. */
  whole: boolean;
}

/** More than this nobody reads; typing narrows it. */
const MOST = 10;

/** Which facet counts the values of a field; `null` where none does. */
export function facetOf(path: string | null): string | null {
  switch (path) {
    case "tags":
      return path;
    case "span_attributes.type":
      return "type";
    case "span_attributes.name":
      return "name";
    case "metadata.model":
      return "model";
    case "__bt_assignments":
      return "assignee";
    case "review.status":
      return "status";
    default:
      return path?.startsWith("scores.") ? path : null;
  }
}

const TIMES: [string, string][] = [
  ["now() - interval 1 hour", "in the last hour"],
  ["now() - interval 1 day", "in the last day"],
  ["now() - interval 7 day", "in the last week"],
  ["now() - interval 30 day", "in the last 30 days"],
];

interface Known {
  fields: readonly FieldInfo[];
  /** Of the field at the caret. */
  values: readonly FacetValue[];
  /** Shown in place of a value, such as a member's name for an id. */
  nameOf: (path: string, value: FacetValue["value"]) => string;
}

function fieldsFor(typed: string, fields: readonly FieldInfo[]): Suggestion[] {
  const ranked = fields.flatMap((field, index) => {
    const rank = fit(typed, field.label, field.path);
    return rank === null ? [] : [{ field, rank, index }];
  });
  ranked.sort((a, b) => a.rank - b.rank || a.index - b.index);
  return ranked.map(({ field }) => ({
    text: field.path,
    label: field.label,
    aside: field.path,
    whole: false,
  }));
}

function operatorsFor(asked: Asked, fields: readonly FieldInfo[]): Suggestion[] {
  const kind = fields.find((field) => field.path === asked.path)?.kind ?? "any";
  const typed = asked.typed.toLowerCase();
  return operatorsOf(kind)
    .filter(({ text, means }) => text.startsWith(typed) || (typed !== "" && means.startsWith(typed)))
    .map(({ text, means, whole }) => ({ text, label: text, aside: means, whole: whole ?? false }));
}

function valuesFor(asked: Asked, { fields, values, nameOf }: Known): Suggestion[] {
  const path = asked.path ?? "";
  const field = fields.find((one) => one.path === path);
  if (field?.kind === "time") {
    return TIMES.filter(([text, label]) => fit(asked.typed, label, text) !== null).map(([text, label]) => ({
      text,
      label,
      aside: "",
      whole: true,
    }));
  }
  if (field?.kind === "boolean") {
    return ["true", "false"].map((text) => ({ text, label: text, aside: "", whole: true }));
  }
  const counted = new Map(values.map(({ value, count: times }) => [value, times]));
  const all = [
    ...counted.keys(),
    ...(field?.values ?? []).map((one) => one.value).filter((one) => !counted.has(one)),
  ];
  const inList = asked.operator?.endsWith("in") ?? false;
  const typed = asked.typed.replace(/^\(/, "");
  return all.flatMap((value) => {
    if (value === null) return [];
    const known = field?.values?.find((one) => one.value === value);
    const name = known?.label ?? nameOf(path, value);
    if (fit(typed, name, String(value)) === null) return [];
    const times = counted.get(value) ?? known?.count;
    const text = inList ? `(${literal(value)})` : literal(value);
    return [{ text, label: name, aside: times === undefined ? "" : count(times), whole: true }];
  });
}

/** What fits, the likeliest first. */
export function suggestions(asked: Asked, known: Known): Suggestion[] {
  switch (asked.stage) {
    case "field":
      return fieldsFor(asked.typed, known.fields).slice(0, MOST);
    case "operator":
      return operatorsFor(asked, known.fields).slice(0, MOST + 1);
    case "value":
      return valuesFor(asked, known).slice(0, MOST);
    case "joiner":
      return asked.typed === "" || !"and or".includes(asked.typed.toLowerCase())
        ? []
        : ["and", "or"].map((text) => ({ text, label: text, aside: "", whole: false }));
  }
}
