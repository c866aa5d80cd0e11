import { CircleCheck } from "lucide-react";
import { useEffect, useRef } from "react";
import { count, plural } from "@/lib/format.ts";
import { Button } from "@/ui/button.tsx";
import { sameItem } from "./items.ts";
import type { Sitting } from "./sitting.ts";
import { agreementWords, spell } from "./words.ts";

/** More split items than this nobody looks at again at the end of a day. */
const SPLIT_SHOWN = 8;

interface Props {
  sitting: Sitting;
  onGo: (at: number) => void;
  onLeave: () => void;
}

/** What you did, what is split and may interest you, and nothing else. */
export function EndScreen({ sitting, onGo, onLeave }: Props) {
  const { state, done, skipped, spent } = sitting;
  const { asked, split } = state.agreement;
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  const facts = [
    done > 0 && spent > 0 ? `${spell(spent / done)} each, ${spell(spent)} in all` : "",
    agreementWords(asked, split.length),
    skipped.length > 0 ? `${plural(skipped.length, "item")} skipped` : "",
  ].filter((fact) => fact !== "");
  const placeOf = (item: (typeof split)[number]["item"]) =>
    state.items.findIndex((other) => sameItem(other, item));
  const first = skipped[0];
  return (
    <main className="flex min-h-0 flex-1 flex-col items-center overflow-y-auto bg-surface px-6 py-20 text-center max-md:py-10">
      <CircleCheck className="size-8 stroke-[1.5] text-pass" aria-hidden="true" />
      <h1
        ref={head}
        tabIndex={-1}
        className="mt-3 text-[22px] leading-8 font-semibold tracking-[-.015em] outline-none"
      >
        {done > 0 ? `${plural(done, "item")} done` : "The end of this list"}
      </h1>
      {facts.map((fact) => (
        <p key={fact} className="num text-ink-2">
          {fact}
        </p>
      ))}
      {split.length > 0 && (
        <section aria-label="Split" className="mt-6 w-full max-w-[420px] text-left">
          <h2 className="mb-1 text-small font-medium text-ink-3">
            Split: you and others answered differently
          </h2>
          <ul>
            {split.slice(0, SPLIT_SHOWN).map(({ item, name }) => (
              <li key={`${item.row} ${name}`}>
                <button
                  type="button"
                  onClick={() => onGo(placeOf(item))}
                  className="flex h-10 w-full items-center gap-3 border-b border-line text-left hover:bg-hover coarse:h-11"
                >
                  <span className="num w-8 text-ink-3">{count(placeOf(item) + 1)}</span>
                  <span className="min-w-0 flex-1 truncate">{name}</span>
                  <span className="mono text-small text-ink-3">{item.row.slice(0, 8)}</span>
                </button>
              </li>
            ))}
          </ul>
          {split.length > SPLIT_SHOWN && (
            <p className="mt-1 text-small text-ink-3">and {count(split.length - SPLIT_SHOWN)} more</p>
          )}
        </section>
      )}
      <div className="mt-8 flex flex-wrap justify-center gap-2">
        {first && (
          <Button onClick={() => onGo(placeOf(first))}>
            Look at {skipped.length === 1 ? "the skipped one" : `${count(skipped.length)} skipped`}
          </Button>
        )}
        <Button kind="primary" onClick={onLeave}>
          Back to the list
        </Button>
      </div>
    </main>
  );
}
