/**
 * What happens when the server refuses a change: the document goes back in place to where it would be without
 * the refused changes and everything that was built on them, and the words that were typed are handed to the person.
 */
import * as A from "@automerge/automerge/slim";

export interface Refused {
  hash: string;
  reason: string;
  code: string;
  path?: string;
}

export interface Rollback<T> {
  doc: A.Doc<T>;
  /** Every change that went: the refused ones and those that depend on them. */
  dropped: ReadonlySet<string>;
  /** Texts that the dropped changes had written, to copy from. */
  lost: string[];
}

/** The document without the refused changes, or null when it holds none of them. */
export function rollBack<T>(doc: A.Doc<T>, refused: readonly string[]): Rollback<T> | null {
  const bad = new Set(refused);
  const dropped = new Set<string>();
  const keep = new Set<string>();
  // Parents come before children.
  for (const { hash, deps } of A.getChangesMetaSince(doc, [])) {
    if (bad.has(hash) || deps.some((dep) => bad.has(dep))) {
      bad.add(hash);
      dropped.add(hash);
      continue;
    }
    for (const dep of deps) keep.delete(dep);
    keep.add(hash);
  }
  if (dropped.size === 0) return null;
  const kept = [...keep];
  const lost = lostTexts(doc, kept);
  return { doc: A.clone(A.view(doc, kept)), dropped, lost };
}

/** The texts (scalars are choices, not words) as they stood, of everything the patches between `kept` and now have touched. */
function lostTexts<T>(doc: A.Doc<T>, kept: string[]): string[] {
  const texts = new Set<string>();
  for (const patch of A.diff(doc, kept, A.getHeads(doc))) {
    const path = patch.action === "splice" || patch.action === "del" ? patch.path.slice(0, -1) : patch.path;
    const value = valueAt(doc, path);
    if (typeof value === "string" && value.trim() !== "") texts.add(value);
  }
  return [...texts];
}

function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  let value = root;
  for (const key of path) {
    if (value === null || typeof value !== "object") return undefined;
    value = (value as { [key: string]: unknown })[key];
  }
  return value;
}

/** Reads the server's notice; null when the message is something else. */
export function readRefusals(message: unknown): Refused[] | null {
  if (typeof message !== "object" || message === null) return null;
  const { type, rejected } = message as { type?: unknown; rejected?: unknown };
  if (type !== "review-rejected" || !Array.isArray(rejected)) return null;
  return rejected.filter((item): item is Refused => typeof item?.hash === "string");
}
