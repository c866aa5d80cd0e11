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

function Values({ values }: { values: [string, Json | undefined][] }) {
  return values.map(
    ([title, value]) =>
      value !== null &&
      value !== undefined && (
        <Section key={title} title={title}>
          <JsonView value={value} label={title} />
        </Section>
      ),
  );
}

/** The span's data as JSON, effective values included. */
export function DataTab({ event }: { event: SpanEvent }) {
  return (
    <Values
      values={[
        ["Input", event.input],
        ["Output", event.output],
        ["Expected", event.expected],
        ["Error", event.error],
        ["Scores", event.scores as Json],
      ]}
    />
  );
}

/** Everything about the span that is not its content. */
export function MetadataTab({ event }: { event: SpanEvent }) {
  return (
    <Values
      values={[
        ["Metadata", (event.metadata ?? {}) as Json],
        ["Metrics", (event.metrics ?? null) as Json],
        ["Span", { ...event.span_attributes, span_parents: event.span_parents ?? [] } as Json],
        ["Context", event.context],
        [
          "Ids",
          {
            id: event.id,
            span_id: event.span_id,
            root_span_id: event.root_span_id,
            created: event.created,
            xact_id: event._xact_id,
          },
        ],
        ["Origin", event.origin],
      ]}
    />
  );
}
