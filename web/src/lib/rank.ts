/** Positions as text that sorts, as the server makes them: a moved item gets a text between its neighbours' and nobody else moves. Pure. */

const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";

/** A text that sorts between two; `null` is the beginning or the end. `null` comes back where there is no room. */
export function between(before: string | null, after: string | null): string | null {
  const low = before ?? "";
  let high = after;
  let made = "";
  for (let at = 0; at < 64; at += 1) {
    const from = at < low.length ? DIGITS.indexOf(low[at] as string) : 0;
    const to = high !== null && at < high.length ? DIGITS.indexOf(high[at] as string) : DIGITS.length;
    // Somebody chose it by hand, in other characters.
    if (from < 0 || to < 0) break;
    const middle = Math.floor((from + to) / 2);
    if (middle > from) {
      made += DIGITS[middle];
      return made > low && (after === null || made < after) ? made : null;
    }
    made += DIGITS[from];
    if (from < to) high = null;
  }
  return null;
}

/** Which items get which position so that the one at `from` stands at `to`. */
export function moved<T extends { id: string; position: string | null }>(
  items: readonly T[],
  from: number,
  to: number,
): { id: string; position: string }[] {
  const item = items[from];
  if (!item || from === to || to < 0 || to >= items.length) return [];
  const others = items.filter((one) => one !== item);
  const before = others[to - 1]?.position ?? (to === 0 ? null : undefined);
  const after = others[to]?.position ?? (to === others.length ? null : undefined);
  if (before !== undefined && after !== undefined) {
    const position = between(before, after);
    if (position !== null) return [{ id: item.id, position }];
  }
  // No room, or some never had a place: all get one, evenly spread.
  const order = [...others.slice(0, to), item, ...others.slice(to)];
  const step = Math.floor(36 ** 6 / (order.length + 1));
  return order.map(({ id }, index) => ({
    id,
    position: ((index + 1) * step).toString(36).padStart(6, "0"),
  }));
}
