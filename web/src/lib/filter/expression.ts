/** Writing expressions of the filter language: quoting, joining, the condition that a value on screen stands for. Pure. */

/** A value in the language: text in single quotes, numbers and booleans as they are. */
export function literal(value: string | number | boolean | null): string {
  if (typeof value !== "string") return String(value);
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A path such as `metadata."user-id"`; parts that are no plain names are quoted, list places stand in brackets. */
export function path(parts: readonly (string | number)[]): string {
  return parts
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      const name = PLAIN.test(part) ? part : `"${part.replaceAll('"', '""')}"`;
      return index === 0 ? name : `.${name}`;
    })
    .join("");
}

/** True when one pair of parentheses holds all of `text`. */
function isWrapped(text: string): boolean {
  if (!text.startsWith("(") || !text.endsWith(")")) return false;
  let depth = 0;
  let quote = "";
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (quote !== "") {
      if (char === "\\" && quote === "'") i += 1;
      else if (char === quote) quote = "";
    } else if (char === "'" || char === '"') quote = char;
    else if (char === "(") depth += 1;
    else if (char === ")") {
      depth -= 1;
      if (depth === 0 && i < text.length - 1) return false;
    }
  }
  return depth === 0;
}

/** True when `and` beside it would bind more tightly than what is inside `text`. */
const isLoose = (text: string): boolean =>
  /\bor\b|\?/i.test(text.replaceAll(/'(?:[^'\\]|\\.)*'|"[^"]*"/g, ""));

/** All conditions as one expression; empty ones are left out. */
export function allOf(conditions: readonly string[]): string {
  const real = conditions.map((one) => one.trim()).filter((one) => one !== "");
  if (real.length === 1) return real[0] ?? "";
  return real.map((one) => (isLoose(one) && !isWrapped(one) ? `(${one})` : one)).join(" and ");
}

/** What a condition is about: a list holds its values, everything else is one. */
export type FilterTarget =
  | { kind: "is"; path: string; value: string | number | boolean }
  | { kind: "atLeast" | "atMost"; path: string; value: number }
  | { kind: "holds"; path: string; value: string }
  | { kind: "missing" | "present"; path: string };

/** The condition that is true where a row shows this value. */
export function condition(target: FilterTarget): string {
  switch (target.kind) {
    case "is":
      return `${target.path} = ${literal(target.value)}`;
    case "atLeast":
      return `${target.path} >= ${target.value}`;
    case "atMost":
      return `${target.path} <= ${target.value}`;
    case "holds":
      return `${target.path} includes ${literal(target.value)}`;
    case "missing":
      return `${target.path} is null`;
    case "present":
      return `${target.path} is not null`;
  }
}

/** The conditions of a time range; the end is not part of it. */
export function between(from: Date, to: Date): string[] {
  return [`created >= ${literal(from.toISOString())}`, `created < ${literal(to.toISOString())}`];
}
