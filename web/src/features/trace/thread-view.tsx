import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { usePlace } from "@/api/place.ts";
import { spanQuery } from "@/api/queries.ts";
import type { SpanEvent, SpanLine } from "@/api/types.ts";
import { duration, plural } from "@/lib/format.ts";
import { cx } from "@/ui/cx.ts";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { JsonView } from "./json-view.tsx";
import { KindIcon } from "./kind.tsx";
import { Card, MessageCard, Text } from "./message-card.tsx";
import { speakers, type Turn, threadOf } from "./thread.ts";

/** Model calls whose payloads are read: more turns than anybody reads in one sitting. */
const SPEAKERS = 60;

interface Props {
  /** All spans in reading order. */
  order: readonly SpanLine[];
  selected: SpanLine | null;
  onSelect: (span: SpanLine) => void;
}

/** The trace as a conversation: all turns in order, other spans as small notes. A press chooses the span it is of. */
export function ThreadView({ order, selected, onSelect }: Props) {
  const { object } = usePlace();
  const speaking = useMemo(() => speakers(order), [order]);
  const read = speaking.slice(0, SPEAKERS);
  const { events, pending, failed } = useQueries({
    queries: read.map((span) => spanQuery(object, span.id)),
    combine: (results) => ({
      events: results.map((result) => result.data),
      pending: results.filter((result) => result.isPending).length,
      failed: results.filter((result) => result.isError).length,
    }),
  });
  const turns = useMemo(() => {
    const known = new Map<string, SpanEvent>();
    events.forEach((event, index) => {
      const span = read[index];
      if (event && span) known.set(span.id, event);
    });
    return threadOf(order, known);
  }, [order, events, read]);
  return (
    <section aria-label="Thread" className="min-h-0 flex-1 overflow-y-auto bg-bg px-3 pb-4">
      <ol className="flex flex-col gap-1.5">
        {turns.map((turn, index) => (
          <li key={`${turn.span.id} ${index}`}>
            <TurnView turn={turn} selected={turn.span.id === selected?.id} onSelect={onSelect} />
          </li>
        ))}
      </ol>
      {pending > 0 && <SkeletonRows rows={3} height={64} label="Loading turns" />}
      {failed > 0 && (
        <p role="alert" className="pt-2 text-small text-fail">
          {plural(failed, "turn")} could not be loaded.
        </p>
      )}
      {speaking.length > SPEAKERS && (
        <p className="pt-2 text-small text-warn">
          Only the first {SPEAKERS} of {plural(speaking.length, "model call")} are read here.
        </p>
      )}
    </section>
  );
}

function TurnView({
  turn,
  selected,
  onSelect,
}: {
  turn: Turn;
  selected: boolean;
  onSelect: (span: SpanLine) => void;
}) {
  const { span } = turn;
  if (turn.kind === "note") {
    return (
      <button
        type="button"
        aria-pressed={selected}
        onClick={() => onSelect(span)}
        className={cx(
          "flex h-7 w-full items-center gap-2 rounded-chip px-2 text-left text-small text-ink-3 hover:bg-hover coarse:h-11",
          selected && "bg-accent-soft text-accent-ink",
        )}
      >
        <KindIcon kind={span.kind} />
        <span className={cx("min-w-0 flex-1 truncate", span.error && "text-fail")}>
          {span.name ?? "Unnamed span"}
          {span.error && `: ${span.error}`}
        </span>
        <span className="num flex-none">{duration(span.duration)}</span>
      </button>
    );
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: n and p choose spans by key; the button below says whose it is
    // biome-ignore lint/a11y/noStaticElementInteractions: a larger target for the button below
    <div
      onClick={() => getSelection()?.toString() === "" && onSelect(span)}
      className={cx("flex flex-col gap-1.5 rounded-card", selected && "outline-2 outline-accent-line")}
    >
      {turn.kind === "message" ? (
        <MessageCard
          message={turn.message}
          raw={false}
          facts={<Whose span={span} onSelect={onSelect} selected={selected} />}
        />
      ) : (
        <Card
          label={turn.label}
          head={
            <>
              <span className="font-semibold text-ink">{turn.label}</span>
              <span className="flex-1" />
              <Whose span={span} onSelect={onSelect} selected={selected} />
            </>
          }
        >
          <div className="px-3 pb-2.5">
            {typeof turn.value === "string" ? (
              <Text text={turn.value} raw={false} />
            ) : (
              <JsonView value={turn.value} label={turn.label} openDepth={1} />
            )}
          </div>
        </Card>
      )}
    </div>
  );
}

function Whose({
  span,
  selected,
  onSelect,
}: {
  span: SpanLine;
  selected: boolean;
  onSelect: (span: SpanLine) => void;
}) {
  return (
    <button
      type="button"
      aria-pressed={selected}
      title="Show this span"
      onClick={() => onSelect(span)}
      className="max-w-32 flex-none truncate rounded-cap px-1 text-small text-ink-3 hover:bg-hover hover:text-ink"
    >
      {span.name ?? "Unnamed span"}
    </button>
  );
}
