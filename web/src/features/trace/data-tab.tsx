import type { ReactNode } from "react";
import type { Json, SpanEvent } from "@/api/types.ts";
import { JsonView } from "./json-view.tsx";

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="rounded-card border border-line bg-surface p-2">
      <h3 className="px-1 pb-1.5 text-small font-semibold">{title}</h3>
      {children}
    </section>
  );
}

/** Title, value, and where filters find it. */
type Entry = [string, Json | undefined, string[] | null];

function Values({ values }: { values: Entry[] }) {
  return values.map(
    ([title, value, path]) =>
      value !== null &&
      value !== undefined && (
        <Section key={title} title={title}>
          <JsonView value={value} label={title} path={path} />
        </Section>
      ),
  );
}

/** The span's data as JSON, effective values included. */
export function DataTab({ event }: { event: SpanEvent }) {
  return (
    <Values
      values={[
        ["Input", event.input, ["input"]],
        ["Output", event.output, ["output"]],
        ["Expected", event.expected, ["expected"]],
        ["Error", event.error, ["error"]],
        ["Scores", event.scores as Json, ["scores"]],
        ["Tags", event.tags, ["tags"]],
      ]}
    />
  );
}

/** Everything about the span that is not its content. */
export function MetadataTab({ event }: { event: SpanEvent }) {
  return (
    <Values
      values={[
        ["Metadata", (event.metadata ?? {}) as Json, ["metadata"]],
        ["Metrics", (event.metrics ?? null) as Json, ["metrics"]],
        ["Span", (event.span_attributes ?? null) as Json, ["span_attributes"]],
        ["Parents", event.span_parents, ["span_parents"]],
        ["Context", event.context, ["context"]],
        [
          "Ids",
          {
            id: event.id,
            span_id: event.span_id,
            root_span_id: event.root_span_id,
            created: event.created,
            xact_id: event._xact_id,
          },
          null,
        ],
        ["Origin", event.origin, ["origin"]],
      ]}
    />
  );
}

/** What a record of a dataset has beside its input and expected value. */
export function RecordFacts({ event, ids = false }: { event: SpanEvent; ids?: boolean }) {
  const filled = event.metadata && Object.keys(event.metadata).length > 0;
  return (
    <Values
      values={[
        ["Metadata", filled ? (event.metadata as Json) : null, ["metadata"]],
        ["Origin", event.origin, ["origin"]],
        ["Ids", ids ? { id: event.id, created: event.created, xact_id: event._xact_id } : null, null],
      ]}
    />
  );
}
