import { Search } from "lucide-react";
import { lazy, memo, Suspense, useEffect, useMemo, useRef, useState } from "react";
import type { SpanLine } from "@/api/types.ts";
import { useAria } from "@/lib/commands/bindings.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { cost, count, duration, plural } from "@/lib/format.ts";
import { CommandKbd } from "@/ui/kbd.tsx";
import { Segmented } from "@/ui/segmented.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { buildTree, extent, readingOrder, treeRows } from "./span-tree.ts";
import { TimeHead } from "./time-head.tsx";
import { axisOf, barIn, foldsIn, shift, WHOLE, zoom } from "./timeline.ts";
import { TreeView } from "./tree-view.tsx";

// Most traces are read as trees: the others come when they are asked for.
const ThreadView = lazy(() => import("./thread-view.tsx").then((module) => ({ default: module.ThreadView })));

/** How the spans of a trace are read. */
export type Reading = "tree" | "timeline" | "thread";

const READINGS: { value: Reading; label: string }[] = [
  { value: "tree", label: "Tree" },
  { value: "timeline", label: "Timeline" },
  { value: "thread", label: "Thread" },
];

interface Props {
  /** A tree, unless the person may choose. */
  reading?: Reading;
  onReading?: (reading: Reading) => void;
  spans: readonly SpanLine[];
  truncated: boolean;
  selected: SpanLine | null;
  viewer: string;
  peopleOn: ReadonlyMap<string, { id: string; name: string }[]>;
  onSelect: (span: SpanLine) => void;
  onEnter: () => void;
}

/** Left column: the spans as a tree, on a time axis or as a conversation, and the sums of the trace. */
export function TreePanel(props: Props) {
  const {
    reading = "tree",
    onReading,
    spans,
    truncated,
    selected,
    viewer,
    peopleOn,
    onSelect,
    onEnter,
  } = props;
  const [filter, setFilter] = useState("");
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const find = useRef<HTMLInputElement>(null);
  const findKeys = useAria("trace.find");
  const roots = useMemo(() => buildTree(spans), [spans]);
  const plain = useMemo(() => treeRows(roots, spans, closed, filter), [roots, spans, closed, filter]);
  const axis = useMemo(() => axisOf(roots, spans), [roots, spans]);
  const [window, setWindow] = useState(WHOLE);
  const timed = reading === "timeline" ? axis : null;
  const rows = useMemo(
    () => (timed ? plain.map((row) => ({ ...row, bar: barIn(timed, window, row.span) })) : plain),
    [plain, timed, window],
  );
  const order = useMemo(() => readingOrder(roots), [roots]);
  useCommand("trace.find", () => find.current?.focus(), reading !== "thread");
  useCommand(
    "trace.reading",
    () => {
      const at = READINGS.findIndex((one) => one.value === reading);
      onReading?.(READINGS[(at + 1) % READINGS.length]?.value ?? "tree");
    },
    onReading !== undefined,
  );
  const zoomBy = (factor: number, around = 50) => setWindow((before) => zoom(before, factor, around));
  useCommand("trace.closer", () => zoomBy(0.5), timed !== null);
  useCommand("trace.wider", () => zoomBy(2), timed !== null);
  const frame = useRef<HTMLDivElement>(null);
  const wheel = useRef((_: WheelEvent) => {});
  wheel.current = (event) => {
    const across = event.shiftKey ? event.deltaY : event.deltaX;
    if (event.ctrlKey || event.metaKey) {
      const bars = frame.current?.getBoundingClientRect();
      const left = (bars?.left ?? 0) + (bars?.width ?? 1) * 0.36;
      const part = ((event.clientX - left) / ((bars?.width ?? 1) * 0.64 - 64)) * 100;
      zoomBy(event.deltaY > 0 ? 1.25 : 0.8, Math.max(0, Math.min(100, part)));
    } else if (across !== 0) setWindow((before) => shift(before, (across / 600) * (before.to - before.from)));
    else return;
    event.preventDefault();
  };
  const isTimed = timed !== null;
  useEffect(() => {
    const element = frame.current;
    if (!isTimed || !element) return;
    const listen = (event: WheelEvent) => wheel.current(event);
    // React listens passively, which could not keep the page from zooming.
    element.addEventListener("wheel", listen, { passive: false });
    return () => element.removeEventListener("wheel", listen);
  }, [isTimed]);

  const toggle = (span: SpanLine, open: boolean) =>
    setClosed((before) => {
      const next = new Set(before);
      if (open) next.delete(span.span_id);
      else next.add(span.span_id);
      return next;
    });

  const readings = onReading && (
    <div className="flex flex-none items-center px-3 pt-2.5">
      <Segmented label="Reading" value={reading} onChange={onReading} options={READINGS} />
    </div>
  );
  if (reading === "thread") {
    return (
      <>
        {readings}
        <div className="h-2.5 flex-none" />
        <Suspense fallback={<SkeletonRows rows={6} height={64} label="Loading turns" />}>
          <ThreadView order={order} selected={selected} onSelect={onSelect} />
        </Suspense>
      </>
    );
  }
  return (
    <>
      {readings}
      <div className="mx-3 mt-2.5 mb-2 flex h-7 flex-none items-center gap-1.5 rounded-btn border border-line-2 pr-1.5 pl-2 text-ink-3 focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-accent coarse:h-10">
        <Search className="icon" aria-hidden="true" />
        <input
          ref={find}
          type="search"
          aria-label="Find a span"
          aria-keyshortcuts={findKeys}
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
        <div ref={frame} className="flex min-h-0 flex-1 flex-col">
          {timed && <TimeHead axis={timed} window={window} onZoom={zoomBy} />}
          {reading === "timeline" && !axis && (
            <p className="flex-none border-y border-line px-3 py-1.5 text-small text-ink-3">
              No span of this trace says when it ran.
            </p>
          )}
          <TreeView
            rows={rows}
            selected={selected?.span_id ?? null}
            viewer={viewer}
            peopleOn={peopleOn}
            onSelect={onSelect}
            onToggle={toggle}
            onEnter={onEnter}
            folds={timed ? foldsIn(timed, window) : undefined}
          />
        </div>
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
