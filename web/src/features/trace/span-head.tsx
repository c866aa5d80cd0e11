import { ArrowDownToLine, ArrowUpFromLine, Cpu, Timer } from "lucide-react";
import type { ReactNode } from "react";
import { usePlace } from "@/api/place.ts";
import type { SpanEvent, SpanLine } from "@/api/types.ts";
import { cost, count, duration } from "@/lib/format.ts";
import { Chip } from "@/ui/chip.tsx";
import { CopyButton } from "./copy-button.tsx";
import { FilterLink } from "./filter-link.tsx";
import { KindIcon, kindLabel } from "./kind.tsx";

/** Settings of a model call that reviewers ask about, where clients logged them. */
const SETTINGS = ["temperature", "top_p", "max_tokens"] as const;

function Fact({ icon, label, children }: { icon?: ReactNode; label: string; children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-[5px] whitespace-nowrap" title={label}>
      {icon}
      <span className="sr-only">{label}: </span>
      {children}
    </span>
  );
}

const strong = "font-medium text-ink-2 num";

/** Name, kind and the figures of one span. */
export function SpanHead({
  span,
  event,
  children,
}: {
  span: SpanLine;
  event: SpanEvent | undefined;
  /** Ways to the spans around it. */
  children?: ReactNode;
}) {
  const { noun } = usePlace();
  const input = event?.metrics?.prompt_tokens;
  const output = event?.metrics?.completion_tokens;
  return (
    <>
      <div className="flex items-center gap-2">
        <KindIcon kind={span.kind} large />
        <h2 className="min-w-0 truncate text-[16px] leading-6 font-semibold tracking-[-.012em]">
          {span.name ?? (noun === "record" ? "Record" : "Unnamed span")}
        </h2>
        {noun === "trace" && (
          <span className="group/leaf relative flex-none">
            <Chip>{kindLabel(span.kind)}</Chip>
            {span.kind && (
              <FilterLink target={{ kind: "is", path: "span_attributes.type", value: span.kind }} />
            )}
          </span>
        )}
        {span.error && <Chip tone="fail">Error</Chip>}
        <span className="flex-1" />
        {children}
        {event && <CopyButton label="Copy span as JSON" text={() => JSON.stringify(event, null, 2)} />}
      </div>
      <div className="mt-0.5 flex min-h-5 flex-wrap items-center gap-x-3.5 gap-y-1 text-small text-ink-3">
        {span.model && (
          <Fact label="Model" icon={<Cpu className="icon" aria-hidden="true" />}>
            <b className={`${strong} group/leaf relative`}>
              {span.model}
              <FilterLink target={{ kind: "is", path: "metadata.model", value: span.model }} />
            </b>
          </Fact>
        )}
        {span.duration !== null && (
          <Fact label="Duration" icon={<Timer className="icon" aria-hidden="true" />}>
            <b className={strong}>{duration(span.duration)}</b>
          </Fact>
        )}
        {typeof input === "number" && (
          <Fact label="Tokens in" icon={<ArrowDownToLine className="icon" aria-hidden="true" />}>
            <b className={strong}>{count(input)}</b> in
          </Fact>
        )}
        {typeof output === "number" && (
          <Fact label="Tokens out" icon={<ArrowUpFromLine className="icon" aria-hidden="true" />}>
            <b className={strong}>{count(output)}</b> out
          </Fact>
        )}
        {typeof input !== "number" && typeof output !== "number" && span.tokens !== null && (
          <Fact label="Tokens">
            <b className={strong}>{count(span.tokens)}</b> tokens
          </Fact>
        )}
        {span.cost !== null && (
          <Fact label="Cost">
            <b className={strong}>{cost(span.cost)}</b>
          </Fact>
        )}
        {SETTINGS.map((name) => {
          const value = event?.metadata?.[name];
          return typeof value === "number" ? (
            <Fact key={name} label={name}>
              {name.replace("_", " ")} <b className={strong}>{value}</b>
            </Fact>
          ) : null;
        })}
      </div>
    </>
  );
}
