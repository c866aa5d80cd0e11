import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { count, plural } from "@/lib/format.ts";
import { NO_SELECTION, type Selection } from "@/lib/selection.ts";
import { Button } from "@/ui/button.tsx";

interface Props {
  selection: Selection;
  onSelect: (selection: Selection) => void;
  noun: string;
  loaded: number;
  /** There are rows that are not loaded. */
  more: boolean;
  busy: boolean;
  children: ReactNode;
}

/** The foot bar of a selection in the queue. */
export function QueueBulk({ selection, onSelect, noun, loaded, more, busy, children }: Props) {
  const clear = useRef(() => onSelect(NO_SELECTION));
  clear.current = () => onSelect(NO_SELECTION);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const inside = (event.target as Element | null)?.closest?.(
        "input:not([type=checkbox]), textarea, [role=dialog], [role=menu]",
      );
      if (event.key === "Escape" && !event.defaultPrevented && !inside) clear.current();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  const all = `${plural(loaded, noun)}${more ? " and those further down" : ""}`;
  return (
    <section
      aria-label="Selection"
      aria-busy={busy || undefined}
      className="flex min-h-11 flex-none flex-wrap items-center gap-1.5 border-t border-line bg-surface px-3 py-1.5 shadow-2 md:px-5"
    >
      <span className="num font-medium">
        {selection.all ? `All ${all}` : `${count(selection.ids.size)} selected`}
      </span>
      {!selection.all && (selection.ids.size < loaded || more) && (
        <Button
          kind="ghost"
          onClick={() => onSelect({ ...NO_SELECTION, all: true })}
          className="text-accent-ink!"
        >
          Select all {all}
        </Button>
      )}
      <span className="flex-1" />
      {children}
      <Button
        kind="ghost"
        square
        aria-label="Clear the selection"
        onClick={() => clear.current()}
        icon={<X className="icon" aria-hidden="true" />}
      />
    </section>
  );
}
