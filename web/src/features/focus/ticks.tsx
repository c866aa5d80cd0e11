import { personColour } from "@/lib/people.ts";
import { cx } from "@/ui/cx.ts";
import type { Item } from "./items.ts";
import type { Mark, Sitting } from "./sitting.ts";

/** As many as can be told apart side by side; longer lists show the stretch around the item in front. */
const SHOWN = 60;

const looks: Record<Mark, string> = {
  done: "bg-ink-3",
  warn: "bg-warn",
  fail: "bg-fail",
  skipped: "bg-transparent shadow-[inset_0_0_0_1px_var(--control)]",
};

const colours = { p1: "bg-p1", p2: "bg-p2", p3: "bg-p3", p4: "bg-p4" } as const;

interface Props {
  sitting: Sitting;
  /** The colleague who is on an item. */
  holderOf: (item: Item) => { id: string; name: string } | null;
  viewer: string;
}

/** One tick per item; the words beside it say the same. */
export function Ticks({ sitting, holderOf, viewer }: Props) {
  const { at, items } = sitting.state;
  const first = Math.floor(at / SHOWN) * SHOWN;
  const last = Math.min(sitting.total.count, first + SHOWN);
  return (
    <span className="flex h-5 items-center gap-[2px] max-lg:hidden" aria-hidden="true">
      {Array.from({ length: Math.max(0, last - first) }, (_, offset) => {
        const index = first + offset;
        const item = items[index];
        const known = item && sitting.mark(item);
        const holder = item && holderOf(item);
        return (
          <i
            key={index}
            className={cx(
              "rounded-[1.5px]",
              index === at ? "h-[18px] w-[5px] bg-accent-ink" : "h-2.5 w-1",
              index !== at &&
                (known ? looks[known] : holder ? colours[personColour(holder.id, viewer)] : "bg-line-2"),
            )}
          />
        );
      })}
    </span>
  );
}
