/** Cuts a filter being typed into words. Forgiving: a text that is not finished is the usual case. Pure. */

export type TokenKind = "path" | "string" | "number" | "compare" | "open" | "close" | "comma" | "other";

export interface Token {
  kind: TokenKind;
  text: string;
  from: number;
  to: number;
}

const NAME = String.raw`[\p{L}_][\p{L}\p{N}_]*`;
const QUOTED = `"(?:[^"]|"")*"?`;
/** A name with what follows it: `.name`, `."quoted name"`, `[0]`, `["key"]`; the last part may be missing. */
const PATH = String.raw`${NAME}(?:\.(?:${NAME}|${QUOTED})?|\[(?:-?\d+|${QUOTED}|'[^']*'?)?\]?)*`;

const KINDS: [TokenKind, RegExp][] = [
  ["path", new RegExp(PATH, "uy")],
  ["string", new RegExp(String.raw`'(?:[^'\\]|\\.|'')*'?|${QUOTED}`, "uy")],
  ["number", /-?\d+(?:\.\d*)?%?/uy],
  ["compare", /!=|<>|<=|>=|=|<|>/uy],
  ["open", /[([]/uy],
  ["close", /[)\]]/uy],
  ["comma", /,/uy],
  ["other", /[^\s]/uy],
];

/** The words of `text` with their places. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/u.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    for (const [kind, pattern] of KINDS) {
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      if (!match || match[0] === "") continue;
      found.push({ kind, text: match[0], from: at, to: at + match[0].length });
      at += match[0].length;
      break;
    }
  }
  return found;
}
