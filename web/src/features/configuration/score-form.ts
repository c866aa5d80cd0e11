/** The form of a score: what it holds, what is wrong with it, what is sent. Pure. */
import type { Aggregate, Category, ProjectScore } from "@/api/types.ts";
import { assertNever } from "@/lib/assert-never.ts";

/** Kinds as a person chooses them; `expected` is a categorical score that writes to the expected value. */
export type Kind = "slider" | "categorical" | "expected" | "free-form";

export interface OptionForm {
  /** Identity in the form only. */
  key: number;
  name: string;
  /** As typed. */
  value: string;
}

export interface ScoreForm {
  name: string;
  description: string;
  kind: Kind;
  options: OptionForm[];
  multi: boolean;
  /** Where a free-form text is shown; empty for the score's own name. */
  path: string;
  aggregate: Aggregate;
}

export interface ScoreProblems {
  name?: string;
  /** By key of the option. */
  options: Record<number, string>;
  /** About the list as a whole. */
  list?: string;
  path?: string;
}

/** Limits of the server. */
const NAME_BYTES = 128;
const MOST_OPTIONS = 100;
const PATH_DEPTH = 8;

let serial = 0;
/** A new line of the list of options. */
export function option(name = "", value = ""): OptionForm {
  serial += 1;
  return { key: serial, name, value };
}

export function emptyForm(): ScoreForm {
  return {
    name: "",
    description: "",
    kind: "categorical",
    options: [option("Fail", "0"), option("Pass", "1")],
    multi: false,
    path: "",
    aggregate: "mean",
  };
}

/** Which kind a stored score is; `null` for kinds that this version does not edit. */
export function kindOf(score: Pick<ProjectScore, "score_type" | "config">): Kind | null {
  if (score.score_type === "slider") return "slider";
  if (score.score_type === "free-form") return "free-form";
  if (score.score_type === "categorical")
    return score.config?.destination === "expected" ? "expected" : "categorical";
  return null;
}

export function formOf(score: ProjectScore, kind: Kind): ScoreForm {
  return {
    name: score.name,
    description: score.description ?? "",
    kind,
    options: (score.categories ?? []).map((category) => option(category.name, String(category.value))),
    multi: score.config?.multi_select === true,
    path:
      kind === "free-form" && score.config?.destination !== "metadata"
        ? (score.config?.destination ?? "")
        : "",
    aggregate: score.config?.aggregate ?? "mean",
  };
}

export const hasOptions = (kind: Kind): boolean => kind === "categorical" || kind === "expected";
export const hasAggregate = (kind: Kind): boolean => kind === "categorical" || kind === "slider";

/** A value as typed; commas are read as points. */
export function parseValue(text: string): number | null {
  const trimmed = text.trim().replace(",", ".");
  if (!/^(\d+\.?\d*|\.\d+)$/.test(trimmed)) return null;
  const value = Number(trimmed);
  return value >= 0 && value <= 1 ? value : null;
}

function nameProblem(what: string, name: string): string | undefined {
  if (name === "") return `Give the ${what} a name.`;
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > NAME_BYTES) return `The name is too long: ${bytes} of ${NAME_BYTES} bytes.`;
  if (name === "__proto__") return `"__proto__" cannot be a name.`;
  return undefined;
}

function optionProblems(form: ScoreForm): Record<number, string> {
  const problems: Record<number, string> = {};
  const names = new Map<string, OptionForm>();
  const values = new Map<number, OptionForm>();
  for (const one of form.options) {
    const name = one.name.trim();
    const wrong = nameProblem("option", name);
    const twin = names.get(name);
    if (wrong) problems[one.key] = wrong;
    else if (twin) problems[one.key] = `Two options are called ${name}. Names must differ.`;
    else names.set(name, one);
    if (form.kind !== "categorical" || problems[one.key]) continue;
    const value = parseValue(one.value);
    if (value === null) {
      problems[one.key] = `${name} needs a value from 0 to 1, such as 0.5.`;
      continue;
    }
    const same = values.get(value);
    // The option is found again from its number, so numbers must differ.
    if (same) problems[one.key] = `${same.name.trim()} has the value ${value} already. Values must differ.`;
    else values.set(value, one);
  }
  return problems;
}

/** What is wrong with a metadata path, in words. */
export function pathProblem(path: string): string | undefined {
  const text = path.trim();
  if (text === "" || text === "metadata") return undefined;
  const right = 'Write a path such as metadata.reason or metadata."odd key".';
  if (!text.startsWith("metadata.")) return right;
  const keys = text.slice("metadata.".length).match(/"[^"]*"|[^."]+|\.|"/g) ?? [];
  let wantKey = true;
  let depth = 0;
  for (const key of keys) {
    if (wantKey ? key === "." || key === '"' || key === '""' : key !== ".") return right;
    if (wantKey) depth += 1;
    if (key.replaceAll('"', "").startsWith("~__bt_")) return `${key} is reserved for the state of reviews.`;
    wantKey = !wantKey;
  }
  if (wantKey) return right;
  return depth > PATH_DEPTH ? `At most ${PATH_DEPTH} keys deep.` : undefined;
}

/** Everything wrong with the form; `taken` are the names of the project's other scores. */
export function check(form: ScoreForm, taken: readonly string[]): ScoreProblems {
  const problems: ScoreProblems = { options: hasOptions(form.kind) ? optionProblems(form) : {} };
  const name = form.name.trim();
  const wrong = nameProblem("score", name);
  if (wrong) problems.name = wrong;
  else if (taken.includes(name)) problems.name = `This project has a score called ${name}.`;
  if (hasOptions(form.kind)) {
    if (form.options.length === 0) problems.list = "Add at least one option.";
    else if (form.options.length > MOST_OPTIONS) problems.list = `At most ${MOST_OPTIONS} options.`;
  }
  const path = form.kind === "free-form" ? pathProblem(form.path) : undefined;
  if (path) problems.path = path;
  return problems;
}

export function isFine(problems: ScoreProblems): boolean {
  return !problems.name && !problems.list && !problems.path && Object.keys(problems.options).length === 0;
}

export interface ScoreRequest {
  name: string;
  description: string | null;
  score_type: string;
  categories: Category[] | null;
  config: { destination?: string; multi_select?: boolean; aggregate?: Aggregate };
}

function configOf(form: ScoreForm): ScoreRequest["config"] {
  const path = form.path.trim();
  switch (form.kind) {
    case "expected":
      return { destination: "expected", multi_select: form.multi };
    case "free-form":
      return { destination: path === "" ? "metadata" : path };
    case "categorical":
    case "slider":
      return { aggregate: form.aggregate };
    default:
      return assertNever(form.kind);
  }
}

/**
 * What the API takes. Everything that the form decides is said outright: an edit merges what it is sent and
 * clears nothing, so a default that is left out would keep the old choice.
 */
export function requestOf(form: ScoreForm): ScoreRequest {
  const { kind } = form;
  return {
    name: form.name.trim(),
    description: form.description.trim() === "" ? null : form.description.trim(),
    score_type: kind === "expected" ? "categorical" : kind,
    categories: hasOptions(kind)
      ? form.options.map((one, index) => ({
          name: one.name.trim(),
          // Options that write to expected have no number; old clients still want one that differs.
          value:
            kind === "categorical"
              ? (parseValue(one.value) ?? 0)
              : form.options.length < 2
                ? 1
                : Math.round((1 - index / (form.options.length - 1)) * 10_000) / 10_000,
        }))
      : null,
    config: configOf(form),
  };
}
