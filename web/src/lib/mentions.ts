/** Names of people in comments: `@Mei Tan` while it is written, `@[Mei Tan](member id)` as it is kept. Pure. */

interface Named {
  id: string;
  name: string;
}

const KEPT = /@\[([^\]]+)\]\(([0-9a-f-]{36})\)/g;

/** As people write it. */
export const written = (text: string): string => text.replaceAll(KEPT, "@$1");

/** As it is shown in Markdown. */
export const shown = (text: string): string => text.replaceAll(KEPT, "**@$1**");

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** As it is kept: names that end inside a longer word are none. */
export function kept(text: string, people: readonly Named[]): string {
  if (!text.includes("@")) return text;
  // The longest name first: "Mei Tan" is not "Mei".
  const byLength = [...people].sort((a, b) => b.name.length - a.name.length);
  const ids = new Map(byLength.map(({ id, name }) => [name, id]));
  const names = byLength.map(({ name }) => escaped(name)).join("|");
  if (names === "") return text;
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}@])@(${names})(?![\\p{L}\\p{N}])`, "gu");
  return text.replaceAll(pattern, (whole, name: string) => {
    const id = ids.get(name);
    return id ? `@[${name}](${id})` : whole;
  });
}

/** What is typed after an `@` before the caret, and where that begins; `null` where nobody is being named. */
export function naming(text: string, caret: number): { from: number; query: string } | null {
  const found = /(?<![\p{L}\p{N}@])@([\p{L}\p{N}.'-]*(?: [\p{L}\p{N}.'-]*)?)$/u.exec(text.slice(0, caret));
  return found ? { from: found.index, query: found[1] ?? "" } : null;
}

/** People whose name, or a word of it, begins so. */
export function offered<T extends Named>(people: readonly T[], query: string, most = 6): T[] {
  const wanted = query.toLowerCase();
  const fits = ({ name }: T) => {
    const lower = name.toLowerCase();
    return lower.startsWith(wanted) || lower.split(/\s+/).some((word) => word.startsWith(wanted));
  };
  // A name that is whole needs no offer.
  const found = people.filter(fits);
  return found.length === 1 && found[0]?.name.toLowerCase() === wanted ? [] : found.slice(0, most);
}
