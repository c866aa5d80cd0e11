/** What fits at the caret of a filter being typed: a field, an operator, a value, or a joining word. Pure. */
import { type Token, tokens } from "./tokens.ts";

export type Stage = "field" | "operator" | "value" | "joiner";

/** What is asked for at the caret; `from` to `to` is what a choice replaces. */
export interface Asked {
  stage: Stage;
  from: number;
  to: number;
  /** What is there already. */
  typed: string;
  /** Of operators and values: the field before them. */
  path: string | null;
  /** Of values: the operator before them. */
  operator: string | null;
}

export type FieldKind = "number" | "text" | "boolean" | "time" | "list" | "any";

export interface Operator {
  text: string;
  /** In words. */
  means: string;
  /** Nothing follows it. */
  whole?: boolean;
}

const above: Operator = { text: ">", means: "above" };
const atLeast: Operator = { text: ">=", means: "at least" };
const below: Operator = { text: "<", means: "below" };
const atMost: Operator = { text: "<=", means: "at most" };
const is: Operator = { text: "=", means: "is" };
const isNot: Operator = { text: "!=", means: "is not" };
const missing: Operator = { text: "is null", means: "is missing", whole: true };
const present: Operator = { text: "is not null", means: "is there", whole: true };
const includes: Operator = { text: "includes", means: "has" };
const lacks: Operator = { text: "not includes", means: "has not" };
const contains: Operator = { text: "ilike", means: "is like, % for anything" };
const match: Operator = { text: "match", means: "has the words" };
const oneOf: Operator = { text: "in", means: "is one of" };

const OPERATORS: Record<FieldKind, Operator[]> = {
  number: [above, atLeast, below, atMost, is, isNot, missing, present],
  text: [is, isNot, match, contains, oneOf, missing, present],
  boolean: [is, isNot, missing, present],
  time: [above, atLeast, below, atMost, missing, present],
  list: [includes, lacks, missing, present],
  any: [is, isNot, includes, match, contains, above, atLeast, below, atMost, missing, present],
};

/** Operators that fit a field, the likeliest first. */
export const operatorsOf = (kind: FieldKind): readonly Operator[] => OPERATORS[kind];

const WORDS = new Set([
  "like",
  "ilike",
  "match",
  "includes",
  "contains",
  "in",
  "is",
  "not",
  "isnull",
  "isnotnull",
]);
const JOINERS = new Set(["and", "or"]);

interface State {
  stage: Stage;
  path: string | null;
  operator: string | null;
  /** Names of the functions whose parentheses are open; empty for plain ones. */
  open: string[];
}

function step(state: State, token: Token, next: Token | undefined): State {
  const word = token.text.toLowerCase();
  if (token.kind === "open" && state.stage === "field") return { ...state, open: [...state.open, ""] };
  if (token.kind === "close") {
    if (state.stage === "value") return { ...state, stage: "joiner" };
    const closed = state.open.at(-1) ?? "";
    const stage = closed === "" || closed === "any_span" ? "joiner" : "operator";
    return { ...state, stage, open: state.open.slice(0, -1) };
  }
  if (JOINERS.has(word)) return { ...state, stage: "field", path: null, operator: null };
  switch (state.stage) {
    case "field":
      if (word === "not") return state;
      if (token.kind === "path" && next?.kind === "open" && next.from === token.to) {
        return { ...state, open: [...state.open, word] };
      }
      return { ...state, stage: "operator", path: token.kind === "path" ? token.text : null, operator: null };
    case "operator": {
      if (token.kind !== "compare" && !WORDS.has(word)) {
        // `is not null`: its last word ends the condition; anything else is no operator of the language.
        return { ...state, stage: "joiner" };
      }
      if (word === "isnull" || word === "isnotnull") return { ...state, stage: "joiner" };
      const operator = state.operator ? `${state.operator} ${word}` : word;
      const waits = word === "not" || word === "is";
      return { ...state, stage: waits ? "operator" : "value", operator };
    }
    case "value":
      // A list of values goes on until it is closed.
      return token.kind === "open" || token.kind === "comma" || state.operator?.endsWith("in")
        ? state
        : { ...state, stage: "joiner" };
    case "joiner":
      return state;
  }
}

/** True when the caret at the end of this word still changes it. */
const isOpenEnded = (token: Token, caret: number): boolean =>
  token.to === caret && !["open", "close", "comma"].includes(token.kind);

/** What fits at `caret`. */
export function askedAt(text: string, caret: number): Asked {
  const words = tokens(text.slice(0, caret));
  let state: State = { stage: "field", path: null, operator: null, open: [] };
  const last = words.at(-1);
  const typing = last && isOpenEnded(last, caret) ? last : null;
  const done = typing ? words.slice(0, -1) : words;
  // A function's name and its parenthesis are read together.
  done.forEach((token, index) => {
    if (token.kind === "open" && done[index - 1]?.to === token.from && done[index - 1]?.kind === "path")
      return;
    state = step(state, token, done[index + 1]);
  });
  let from = typing?.from ?? caret;
  // An operator of several words is replaced as a whole.
  if (state.stage === "operator" && state.operator) {
    const first = done.findLast((token) => token.text === state.path);
    const begun = done.find((token) => first !== undefined && token.from > first.from);
    if (begun) from = begun.from;
  }
  return {
    stage: state.stage,
    from,
    to: caret,
    typed: text.slice(from, caret),
    path: state.path,
    operator: state.operator,
  };
}

/** `text` with a choice put in, and where the caret is then. */
export function put(text: string, asked: Asked, choice: string): { text: string; caret: number } {
  const rest = text.slice(asked.to);
  const put = choice + (rest.startsWith(" ") ? "" : " ");
  return { text: text.slice(0, asked.from) + put + rest, caret: asked.from + choice.length + 1 };
}

/** How well `wanted` fits a name: lower is better, `null` not at all. */
export function fit(wanted: string, ...names: string[]): number | null {
  const needle = wanted.toLowerCase().replaceAll(/["']/g, "");
  if (needle === "") return 0;
  let best: number | null = null;
  names.forEach((name, index) => {
    const at = name.toLowerCase().replaceAll('"', "").indexOf(needle);
    if (at < 0) return;
    const boundary = at === 0 || /[^\p{L}\p{N}]/u.test(name.charAt(at - 1));
    const rank = (at === 0 ? 0 : boundary ? 1 : 2) * 10 + index;
    if (best === null || rank < best) best = rank;
  });
  return best;
}
