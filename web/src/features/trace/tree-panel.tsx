import { Search } from "lucide-react";
import { memo, useMemo, useRef, useState } from "react";
import type { SpanLine } from "@/api/types.ts";
import { useAria } from "@/lib/commands/bindings.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { cost, count, duration, plural } from "@/lib/format.ts";
import { CommandKbd } from "@/ui/kbd.tsx";
import { buildTree, extent, treeRows } from "./span-tree.ts";
import { TreeView } from "./tree-view.tsx";

interface Props {
  spans: readonly SpanLine[];
  truncated: boolean;
  selected: SpanLine | null;
  viewer: string;
  peopleOn: ReadonlyMap<string, { id: string; name: string }[]>;
  onSelect: (span: SpanLine) => void;
  onEnter: () => void;
}

/** Left column: find, the tree, the sums of the trace. */
export function TreePanel({ spans, truncated, selected, viewer, peopleOn, onSelect, onEnter }: Props) {
  const [filter, setFilter] = useState("");
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const find = useRef<HTMLInputElement>(null);
  const roots = useMemo(() => buildTree(spans), [spans]);
  const rows = useMemo(() => treeRows(roots, spans, closed, filter), [roots, spans, closed, filter]);
  useCommand("trace.find", () => find.current?.focus());

  const toggle = (span: SpanLine, open: boolean) =>
    setClosed((before) => {
      const next = new Set(before);
      if (open) next.delete(span.span_id);
      else next.add(span.span_id);
      return next;
    });

  return (
    <>
      <div className="mx-3 mt-3 mb-2 flex h-7 flex-none items-center gap-1.5 rounded-btn border border-line-2 pr-1.5 pl-2 text-ink-3 focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-accent coarse:h-10">
        <Search className="icon" aria-hidden="true" />
        <input
          ref={find}
          type="search"
          aria-label="Find a span"
          aria-keyshortcuts={useAria("trace.find")}
          placeholder={`Find in ${plural(spans.length, "span")}`}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            if (filter === "") event.currentTarget.blur();
            setFilter("");
          }}
          className="min-w-0 flex-1 bg-transparent text-small text-ink outline-none [&::-webkit-search-cancel-button]:hidden"
        />
        {filter === "" ? (
          <CommandKbd id="trace.find" />
        ) : (
          <span className="num text-small">{rows.length}</span>
        )}
      </div>
      {rows.length === 0 ? (
        <p className="flex-1 px-4 py-6 text-center text-small text-ink-3">
          No span fits “{filter}”.{" "}
          <button
            type="button"
            className="font-medium text-accent-ink underline"
            onClick={() => setFilter("")}
          >
            Show all
          </button>
        </p>
      ) : (
        <TreeView
          rows={rows}
          selected={selected?.span_id ?? null}
          viewer={viewer}
          peopleOn={peopleOn}
          onSelect={onSelect}
          onToggle={toggle}
          onEnter={onEnter}
        />
      )}
      {truncated && (
        <p className="flex-none border-t border-line px-3 py-2 text-small text-warn">
          Only the first {count(spans.length)} spans are shown.
        </p>
      )}
      <p className="hidden flex-none items-center gap-1.5 border-t border-line px-3 py-2 text-small text-ink-3 md:flex">
        <CommandKbd id="span.next" /> <CommandKbd id="span.previous" /> next, previous span
      </p>
      <Sums spans={spans} />
    </>
  );
}

const Sums = memo(function Sums({ spans }: { spans: readonly SpanLine[] }) {
  const time = extent(spans);
  // Clients log the usage of a model call on its own span; containers often repeat the sum of what is inside.
  const calls = spans.filter((span) => span.kind === "llm");
  const counted = calls.length > 0 ? calls : spans.filter((span) => span.is_root);
  const sum = (pick: (span: SpanLine) => number | null) =>
    counted.reduce((total, span) => total + (pick(span) ?? 0), 0);
  const errors = spans.filter((span) => span.error).length;
  const facts: [string, string, boolean][] = [
    ["Duration", time ? duration(time.end - time.start) : "", false],
    ["Cost", cost(sum((span) => span.cost)), false],
    ["Tokens", count(sum((span) => span.tokens)), false],
    ["Errors", count(errors), errors > 0],
  ];
  return (
    <dl className="grid flex-none grid-cols-2 gap-x-3 gap-y-1.5 border-t border-line px-3 py-2.5 text-small">
      {facts.map(([name, value, bad]) => (
        <div key={name} className="flex justify-between gap-2">
          <dt className="text-ink-3">{name}</dt>
          <dd className={bad ? "num font-medium text-fail" : "num font-medium"}>{value || "none"}</dd>
        </div>
      ))}
    </dl>
  );
});
