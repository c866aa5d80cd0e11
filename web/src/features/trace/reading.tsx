/** One span as a text to read: no frames, the answer the largest thing on screen. */
import { Maximize2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Json, SpanEvent } from "@/api/types.ts";
import { useShownScores } from "@/features/review/independence.ts";
import { cost, duration, percent, when } from "@/lib/format.ts";
import { Button } from "@/ui/button.tsx";
import { Chip } from "@/ui/chip.tsx";
import { cx } from "@/ui/cx.ts";
import { RichText } from "@/ui/rich-text.tsx";
import { Anchored, AnchorField } from "./anchored.tsx";
import { Folded } from "./folded.tsx";
import { JsonView } from "./json-view.tsx";
import { KindIcon } from "./kind.tsx";
import { SystemCard, ToolCard } from "./message-card.tsx";
import { isSystem, type Message, readMessages, roleName, type ToolCall } from "./messages.ts";
import { ErrorCard } from "./messages-tab.tsx";

interface Props {
  event: SpanEvent;
  isRecord: boolean;
  raw: boolean;
  expected: ReactNode;
  /** Opens the whole trace; null where there is no more of it. */
  onTrace: (() => void) | null;
}

export function Reading({ event, isRecord, raw, expected, onTrace }: Props) {
  const input = readMessages(event.input);
  const output = readMessages(event.output);
  const scores = useShownScores(event.logged.scores, event.id);
  return (
    <div
      data-content
      className="mx-auto flex w-full max-w-[752px] flex-col px-6 pt-6 pb-14 max-md:px-4 max-md:pt-4 max-md:pb-5 md:pt-12"
    >
      <Facts event={event} onTrace={onTrace} />
      {event.error !== null && event.error !== undefined && (
        <div className="mb-5">
          <ErrorCard error={event.error} />
        </div>
      )}
      <AnchorField value="input">
        <Turns messages={input} label="Input" value={event.input} raw={raw} />
      </AnchorField>
      {!isRecord && (
        <>
          <Line />
          <AnchorField value="output">
            <Turns messages={output} label="Output" value={event.output} raw={raw} answer scores={scores} />
          </AnchorField>
        </>
      )}
      <Line />
      {expected}
    </div>
  );
}

const Line = () => <hr className="my-6 border-line max-md:my-4" />;

/** Which span this is and what it cost, in one quiet line. */
function Facts({ event, onTrace }: Pick<Props, "event" | "onTrace">) {
  const metadata = event.metadata ?? {};
  const { start, end } = event.metrics ?? {};
  const environment = [metadata.env, metadata.environment].find((one) => typeof one === "string");
  const facts = [
    when(new Date(event.created), new Date()),
    environment,
    typeof metadata.model === "string" ? metadata.model : null,
    typeof start === "number" && typeof end === "number" ? duration(end - start) : null,
    typeof event.metrics?.estimated_cost === "number" ? cost(event.metrics.estimated_cost) : null,
  ].filter((fact): fact is string => typeof fact === "string" && fact !== "");
  return (
    <div className="mb-6 flex items-center gap-2.5 text-small text-ink-3 max-md:mb-4">
      <h1 className="mono truncate text-ink-2" title={event.span_attributes?.name ?? event.id}>
        <span className="sr-only">{event.span_attributes?.name ?? "Row"} </span>
        {event.id.slice(0, 8)}
      </h1>
      {facts.map((fact) => (
        <span key={fact} className="truncate last-of-type:flex-none">
          {fact}
        </span>
      ))}
      <span className="flex-1" />
      {onTrace && (
        <Button
          kind="ghost"
          className="-mr-2.5"
          command="focus.trace"
          onClick={onTrace}
          icon={<Maximize2 className="icon" aria-hidden="true" />}
        >
          Full trace
        </Button>
      )}
    </div>
  );
}

interface TurnsProps {
  /** Null: the value is no conversation. */
  messages: Message[] | null;
  label: string;
  value: Json;
  raw: boolean;
  /** It is what came out: the largest text, with what judges gave. */
  answer?: boolean;
  scores?: Record<string, number | null> | null | undefined;
}

function Turns({ messages, label, value, raw, answer = false, scores }: TurnsProps) {
  if (!messages) {
    const nothing = value === null || value === undefined || value === "";
    return (
      <Turn role={answer ? "Assistant" : label} named={label} answer={answer} scores={scores}>
        {nothing ? (
          <p className="text-ink-3">nothing was logged</p>
        ) : typeof value === "string" ? (
          <Say text={value} raw={raw} answer={answer} />
        ) : (
          <JsonView value={value} label={label} />
        )}
      </Turn>
    );
  }
  return (
    <div className="flex flex-col gap-6 max-md:gap-4">
      {messages.map((message, index) =>
        isSystem(message.role) ? (
          <SystemCard key={index} message={message} raw={raw} />
        ) : (
          <Turn
            key={index}
            role={roleName(message.role)}
            named={`${roleName(message.role)} message`}
            answer={answer && index === messages.length - 1}
            scores={answer && index === messages.length - 1 ? scores : undefined}
          >
            {message.parts.map((part, at) =>
              part.kind === "text" ? (
                <Say key={at} text={part.text} raw={raw} answer={answer} />
              ) : part.kind === "json" ? (
                <JsonView key={at} value={part.value} label="Content" />
              ) : (
                <p key={at} className="text-small text-ink-3 [overflow-wrap:anywhere]">
                  [picture: {part.url.slice(0, 120)}]
                </p>
              ),
            )}
            <Tools calls={message.calls} />
          </Turn>
        ),
      )}
    </div>
  );
}

function Turn({
  role,
  named,
  answer,
  scores,
  children,
}: {
  role: string;
  named: string;
  answer: boolean;
  scores?: TurnsProps["scores"];
  children: ReactNode;
}) {
  return (
    <article aria-label={named} className="flex flex-col gap-2">
      <header className="flex min-h-5 flex-wrap items-center gap-2 text-small font-medium text-ink-3">
        {role === "Assistant" && <KindIcon kind="llm" />}
        {role}
        <span className="flex-1" />
        {answer &&
          Object.entries(scores ?? {}).map(
            ([name, value]) =>
              typeof value === "number" && (
                <Chip key={name} tone={value < 0.4 ? "fail" : value < 0.7 ? "warn" : "pass"}>
                  {name} <span className="num">{percent(value)}</span>
                </Chip>
              ),
          )}
      </header>
      {children}
    </article>
  );
}

function Say({ text, raw, answer }: { text: string; raw: boolean; answer: boolean }) {
  return (
    <div
      className={cx(
        "[overflow-wrap:anywhere]",
        answer
          ? "text-[18px] leading-[31px] tracking-[-.014em] max-md:text-[17px] max-md:leading-[28px]"
          : "text-[16px] leading-[27px] tracking-[-.011em] text-ink-2 max-md:leading-[25px]",
      )}
    >
      <Folded text={text}>
        {(shown) => (
          <Anchored text={text}>
            {raw ? (
              <div className="mono text-code whitespace-pre-wrap">{shown}</div>
            ) : (
              <RichText text={shown} />
            )}
          </Anchored>
        )}
      </Folded>
    </div>
  );
}

/** Tools that were called, by name; one opens to what was asked and what came back. */
function Tools({ calls }: { calls: ToolCall[] }) {
  const [open, setOpen] = useState<number | null>(null);
  const chosen = open === null ? undefined : calls[open];
  if (calls.length === 0) return null;
  return (
    <>
      <ul className="mt-1.5 flex flex-wrap gap-2" aria-label="Tools">
        {calls.map((call, index) => (
          <li key={call.id ?? index}>
            <button
              type="button"
              aria-expanded={open === index}
              onClick={() => setOpen(open === index ? null : index)}
              className={cx(
                "inline-flex h-6 items-center gap-1.5 rounded-chip px-1.5 text-[11.5px] font-medium coarse:h-11 coarse:px-2.5",
                call.failed ? "bg-fail-soft text-fail" : "bg-sunken text-ink-2 hover:bg-hover",
                open === index && "shadow-[0_0_0_1px_var(--line-2)]",
              )}
            >
              <KindIcon kind="tool" />
              {call.name}
              {call.failed && " failed"}
            </button>
          </li>
        ))}
      </ul>
      {chosen && <ToolCard call={chosen} />}
    </>
  );
}
