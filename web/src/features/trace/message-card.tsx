import { ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Json } from "@/api/types.ts";
import { Chip } from "@/ui/chip.tsx";
import { cx } from "@/ui/cx.ts";
import { RichText } from "@/ui/rich-text.tsx";
import { Anchored } from "./anchored.tsx";
import { Folded } from "./folded.tsx";
import { JsonView } from "./json-view.tsx";
import { KindIcon } from "./kind.tsx";
import { isSystem, type Message, type Part, roleName, type ToolCall } from "./messages.ts";

/** The frame of everything in the reading column. */
export function Card({ head, children, label }: { head: ReactNode; children?: ReactNode; label: string }) {
  return (
    <article aria-label={label} className="rounded-card border border-line bg-surface">
      <header className="flex min-h-[34px] items-center gap-2 px-3 text-small text-ink-3">{head}</header>
      {children}
    </article>
  );
}

export function Text({ text, raw }: { text: string; raw: boolean }) {
  return (
    <div className="max-w-[80ch] text-read tracking-[-.006em] [overflow-wrap:anywhere]">
      <Folded text={text}>
        {(shown) => (
          <Anchored text={text}>
            {raw ? (
              <div className="mono whitespace-pre-wrap text-code">{shown}</div>
            ) : (
              <RichText text={shown} />
            )}
          </Anchored>
        )}
      </Folded>
    </div>
  );
}

function PartView({ part, raw }: { part: Part; raw: boolean }) {
  switch (part.kind) {
    case "text":
      return <Text text={part.text} raw={raw} />;
    case "image":
      return (
        <p className="text-small text-ink-3 [overflow-wrap:anywhere]">[picture: {part.url.slice(0, 120)}]</p>
      );
    case "json":
      return <JsonView value={part.value} label="Content" />;
  }
}

/** A call with what came back, in one card: question and answer stay together. */
export function ToolCard({ call }: { call: ToolCall }) {
  const asked = call.input !== null && call.input !== undefined;
  return (
    <Card
      label={`Tool ${call.name}`}
      head={
        <>
          <KindIcon kind="tool" />
          <span className="mono text-code font-semibold text-ink">{call.name}</span>
          <span>
            {call.result === undefined ? "tool call" : asked ? "tool call and result" : "tool result"}
          </span>
          <span className="flex-1" />
          {call.failed && <Chip tone="fail">Failed</Chip>}
        </>
      }
    >
      <div className="flex flex-col gap-1.5 px-2 pb-2">
        {asked && <Labelled label="Arguments" value={call.input} quiet={call.result === undefined} />}
        {call.result !== undefined && <Labelled label="Result" value={call.result} quiet={!asked} />}
      </div>
    </Card>
  );
}

function Labelled({ label, value, quiet }: { label: string; value: Json; quiet: boolean }) {
  return (
    <div>
      {!quiet && <p className="px-1 pb-0.5 text-micro font-medium text-ink-3">{label}</p>}
      {typeof value === "string" ? (
        <div className="mono rounded-btn bg-sunken px-3 py-2 text-code whitespace-pre-wrap [overflow-wrap:anywhere]">
          <Folded text={value}>{(shown) => shown}</Folded>
        </div>
      ) : (
        // What a tool said is context: its parts open on demand, the answer stays near.
        <JsonView value={value} label={label} openDepth={1} />
      )}
    </div>
  );
}

/** Instructions are the same in every trace: one line until asked for. */
export function SystemCard({ message, raw }: { message: Message; raw: boolean }) {
  const [open, setOpen] = useState(false);
  const first = message.parts.find((part) => part.kind === "text");
  return (
    <article aria-label="System message" className="rounded-card border border-line bg-surface">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex h-9 w-full items-center gap-2 rounded-card px-3 text-left text-small text-ink-3 hover:bg-hover"
      >
        <ChevronRight className={cx("icon", open && "rotate-90")} aria-hidden="true" />
        <span className="font-semibold text-ink">System</span>
        {!open && <span className="min-w-0 flex-1 truncate">{first?.kind === "text" ? first.text : ""}</span>}
      </button>
      {open && (
        <div className="flex flex-col gap-2 px-3.5 pb-3">
          {message.parts.map((part, index) => (
            <PartView key={index} part={part} raw={raw} />
          ))}
        </div>
      )}
    </article>
  );
}

interface Props {
  message: Message;
  raw: boolean;
  /** Facts at the right of the head. */
  facts?: ReactNode;
  /** Something below the words, such as what was expected. */
  foot?: ReactNode;
}

/** One message, and the tools it called. */
export function MessageCard({ message, raw, facts, foot }: Props) {
  if (isSystem(message.role)) return <SystemCard message={message} raw={raw} />;
  const assistant = roleName(message.role) === "Assistant";
  const words = message.parts.length > 0 || foot !== undefined;
  return (
    <>
      {words && (
        <Card
          label={`${roleName(message.role)} message`}
          head={
            <>
              {assistant && <KindIcon kind="llm" />}
              <span className="font-semibold text-ink">{roleName(message.role)}</span>
              {message.name && <span>{message.name}</span>}
              <span className="flex-1" />
              {facts}
            </>
          }
        >
          {message.parts.length > 0 && (
            <div className="flex flex-col gap-2 px-3.5 pb-3">
              {message.parts.map((part, index) => (
                <PartView key={index} part={part} raw={raw} />
              ))}
            </div>
          )}
          {foot}
        </Card>
      )}
      {message.calls.map((call, index) => (
        <ToolCard key={call.id ?? index} call={call} />
      ))}
    </>
  );
}
