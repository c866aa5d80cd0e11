import { useQuery } from "@tanstack/react-query";
import { Database, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { type BulkChange, type BulkTarget, changeMany, countQuery } from "@/api/find.ts";
import type { Place } from "@/api/place.ts";
import { problemText } from "@/api/problem.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { count, plural } from "@/lib/format.ts";
import { NO_SELECTION, type Selection } from "@/lib/selection.ts";
import { Button } from "@/ui/button.tsx";
import { toast } from "@/ui/toasts.tsx";
import type { ListActions } from "../list-actions.ts";
import { BulkActions } from "./bulk-actions.tsx";

interface Props {
  place: Place;
  /** Of the list; empty for everything. */
  filter: string;
  selection: Selection;
  onSelect: (selection: Selection) => void;
  /** Rows that are loaded. */
  loaded: number;
  tags: readonly string[];
  actions: ListActions;
  onDone: () => void;
}

/** The traces that a filter finds, by their roots: reviews of traces stand there. */
export function rootsOf(filter: string): string {
  if (filter === "") return "is_root";
  // `any_span` stands at one level only: a filter that uses it says already which spans of a trace it means.
  return /\bany_span\s*\(/i.test(filter) ? `is_root and (${filter})` : `is_root and any_span(${filter})`;
}

/** What can be done to the selected traces, or to all that match, with their number. */
export function BulkBar({ place, filter, selection, onSelect, loaded, tags, actions, onDone }: Props) {
  const { object, noun } = place;
  const everything = rootsOf(filter);
  const counted = useQuery({
    ...countQuery(object, everything),
    enabled: selection.ids.size > 0 || selection.all,
  });
  const [busy, setBusy] = useState(false);
  const clear = () => onSelect(NO_SELECTION);
  const latest = useRef(clear);
  latest.current = clear;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const inside = (event.target as Element | null)?.closest?.(
        "input, textarea, [role=dialog], [role=menu]",
      );
      if (event.key === "Escape" && !event.defaultPrevented && !inside) latest.current();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  const all = counted.data;
  const allText = all ? `${all.rows_are === "at_least" ? "at least " : ""}${plural(all.rows, noun)}` : "";

  const target: BulkTarget = selection.all ? { filter: everything } : { row_ids: [...selection.ids] };
  const add = () =>
    actions.add(target, selection.all ? `all ${allText}` : plural(selection.ids.size, noun), clear);
  useCommand("logs.addToDataset", add);

  const run = async (change: BulkChange, done: string) => {
    setBusy(true);
    try {
      const { changed } = await changeMany(object, target, change);
      toast({ title: `${plural(changed, noun)} ${done}` });
      clear();
      onDone();
    } catch (error) {
      toast({ title: "Nothing was changed", body: problemText(error), tone: "fail" });
    } finally {
      setBusy(false);
    }
  };

  return (
    <section
      aria-label="Selection"
      aria-busy={busy || undefined}
      className="flex min-h-11 flex-none flex-wrap items-center gap-1.5 border-t border-line bg-surface px-3 py-1.5 shadow-2 md:px-5"
    >
      <span className="num font-medium">
        {selection.all ? `All ${allText} that match` : `${count(selection.ids.size)} selected`}
      </span>
      {!selection.all && all && all.rows > selection.ids.size && selection.ids.size > 0 && (
        <Button
          kind="ghost"
          onClick={() => onSelect({ ...NO_SELECTION, all: true })}
          className="text-accent-ink!"
        >
          {filter === "" ? `Select all ${allText}` : `Select all ${allText} that match`}
          {selection.ids.size < loaded && <span className="sr-only">, loaded or not</span>}
        </Button>
      )}
      <span className="flex-1" />
      <BulkActions disabled={busy} tags={tags} onChange={(change, done) => void run(change, done)} />
      <Button
        disabled={busy}
        onClick={add}
        command="logs.addToDataset"
        icon={<Database className="icon" aria-hidden="true" />}
      >
        Add to dataset
      </Button>
      {actions.exportControl(target, "top")}
      <Button
        kind="ghost"
        square
        aria-label="Clear the selection"
        onClick={clear}
        icon={<X className="icon" aria-hidden="true" />}
      />
    </section>
  );
}
