import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { usePlace } from "@/api/place.ts";
import type { Json, SpanEvent } from "@/api/types.ts";
import { useIsHidden } from "@/features/review/independence.ts";
import { percent } from "@/lib/format.ts";
import { Chip } from "@/ui/chip.tsx";
import { AnchorField } from "./anchored.tsx";
import { JsonView } from "./json-view.tsx";
import { KindIcon } from "./kind.tsx";
import { Card, MessageCard, Text } from "./message-card.tsx";
import { type Message, readMessages } from "./messages.ts";

interface Props {
  event: SpanEvent;
  raw: boolean;
  /** What should have come out, below the output. */
  expected: ReactNode;
}

/** Input and output as a person reads them: a conversation where there is one, else the values themselves. */
export function MessagesTab({ event, raw, expected }: Props) {
  const input = readMessages(event.input);
  const output = readMessages(event.output);
  const isRecord = usePlace().noun === "record";
  return (
    <>
      {event.error !== null && event.error !== undefined && <ErrorCard error={event.error} />}
      <AnchorField value="input">
        {input ? (
          <Messages messages={input} raw={raw} />
        ) : (
          <ValueCard label="Input" value={event.input} raw={raw} />
        )}
      </AnchorField>
      <AnchorField value="output">
        {output ? (
          <Messages messages={output} raw={raw} foot={expected} facts={<Tokens event={event} />} />
        ) : isRecord ? (
          <article
            aria-label="Expected"
            className="overflow-hidden rounded-card border border-line bg-surface [&>*]:border-t-0"
          >
            {expected}
          </article>
        ) : (
          <ValueCard
            label="Output"
            value={event.output}
            raw={raw}
            foot={expected}
            facts={<Tokens event={event} />}
          />
        )}
      </AnchorField>
      <LoggedScores scores={event.logged.scores} row={event.id} />
    </>
  );
}

function Messages({
  messages,
  raw,
  foot,
  facts,
}: {
  messages: Message[];
  raw: boolean;
  foot?: ReactNode;
  facts?: ReactNode;
}) {
  return messages.map((message, index) => {
    const last = index === messages.length - 1;
    return (
      <MessageCard
        key={index}
        message={message}
        raw={raw}
        {...(last && foot !== undefined ? { foot, facts } : {})}
      />
    );
  });
}

function ValueCard({
  label,
  value,
  raw,
  foot,
  facts,
}: {
  label: string;
  value: Json;
  raw: boolean;
  foot?: ReactNode;
  facts?: ReactNode;
}) {
  const nothing = value === null || value === undefined || value === "";
  return (
    <Card
      label={label}
      head={
        <>
          <span className="font-semibold text-ink">{label}</span>
          {nothing && <span>nothing was logged</span>}
          <span className="flex-1" />
          {facts}
        </>
      }
    >
      {!nothing &&
        (typeof value === "string" ? (
          <div className="px-3.5 pb-3">
            <Text text={value} raw={raw} />
          </div>
        ) : (
          <div className="px-2 pb-2">
            <JsonView value={value} label={label} />
          </div>
        ))}
      {foot}
    </Card>
  );
}

function Tokens({ event }: { event: SpanEvent }) {
  const tokens = event.metrics?.completion_tokens;
  return typeof tokens === "number" ? (
    <span className="num flex-none">{tokens.toLocaleString("en-US")} tokens</span>
  ) : null;
}

/** What went wrong, as the client said it. */
export function ErrorCard({ error }: { error: Json }) {
  return (
    <article
      aria-label="Error"
      className="rounded-card border border-fail bg-fail-soft px-3.5 py-2.5 text-fail"
    >
      <p className="flex items-center gap-2 text-small font-semibold">
        <CircleAlert className="icon" aria-hidden="true" />
        Error
      </p>
      <div className="mono mt-1 text-code whitespace-pre-wrap [overflow-wrap:anywhere]">
        {typeof error === "string" ? error : JSON.stringify(error, null, 2)}
      </div>
    </article>
  );
}

/** What judges and code gave, as it was logged; people's judgements are in the panel. */
function LoggedScores({
  scores,
  row,
}: {
  scores: Record<string, number | null> | null | undefined;
  row: string;
}) {
  const hidden = useIsHidden(row);
  const entries = Object.entries(scores ?? {}).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number",
  );
  if (entries.length === 0) return null;
  return (
    <Card
      label="Automatic scores"
      head={
        <>
          <KindIcon kind="score" />
          <span className="font-semibold text-ink">Automatic scores</span>
        </>
      }
    >
      <dl className="px-3 pb-2">
        {entries.map(([name, value]) => (
          <div
            key={name}
            className="flex h-[30px] items-center gap-2 not-first:border-t not-first:border-line"
          >
            <dt className="min-w-0 flex-1 truncate">{name}</dt>
            <dd>
              {hidden(name) ? (
                <span className="text-small text-ink-3">after your answer</span>
              ) : (
                <Chip tone={value < 0.4 ? "fail" : value < 0.7 ? "warn" : "pass"}>
                  <span className="num">{percent(value)}</span>
                </Chip>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
