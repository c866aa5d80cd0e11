/** A trace as one conversation: every turn once, in order, with the other spans as notes between them. Pure. */
import type { Json, SpanEvent, SpanLine } from "@/api/types.ts";
import { type Message, readMessages } from "./messages.ts";

export type Turn =
  | { kind: "message"; message: Message; span: SpanLine }
  /** Input or output that is no conversation. */
  | { kind: "value"; label: "Input" | "Output"; value: Json; span: SpanLine }
  | { kind: "note"; span: SpanLine };

/** Spans whose payloads a thread is made of: model calls, else the root alone. */
export function speakers(order: readonly SpanLine[]): SpanLine[] {
  const calls = order.filter((span) => span.kind === "llm");
  return calls.length > 0 ? calls : order.filter((span) => span.is_root).slice(0, 1);
}

/** What makes two messages the same turn: results that were paired later do not count. */
const keyOf = ({ role, parts, calls }: Message): string =>
  JSON.stringify([role, parts, calls.map((call) => [call.name, call.input])]);

/** The turns of a trace as far as payloads are here. */
export function threadOf(order: readonly SpanLine[], events: ReadonlyMap<string, SpanEvent>): Turn[] {
  const turns: Turn[] = [];
  const at = new Map<string, number>();
  const speaking = new Set(speakers(order).map((span) => span.id));
  const say = (value: Json, label: "Input" | "Output", span: SpanLine) => {
    if (value === null || value === undefined || value === "") return;
    const messages = readMessages(value);
    if (!messages) {
      turns.push({ kind: "value", label, value, span });
      return;
    }
    for (const message of messages) {
      const key = keyOf(message);
      const known = at.get(key);
      // A later call repeats what was said, by then with the results of its tools.
      const turn = known === undefined ? undefined : turns[known];
      if (turn?.kind === "message") turn.message = message;
      else {
        at.set(key, turns.length);
        turns.push({ kind: "message", message, span });
      }
    }
  };
  for (const span of order) {
    const event = events.get(span.id);
    if (!speaking.has(span.id)) {
      if (!span.is_root) turns.push({ kind: "note", span });
    } else if (event) {
      say(event.input, "Input", span);
      say(event.output, "Output", span);
    }
  }
  return turns;
}
