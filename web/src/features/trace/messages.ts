/**
 * Chat-shaped input and output as a list of messages, whatever client logged them: OpenAI chat and responses,
 * Anthropic blocks, plain `{role, content}`. Anything else stays what it is: text or JSON. Pure.
 */
import type { Json } from "@/api/types.ts";

export type Part =
  | { kind: "text"; text: string }
  | { kind: "image"; url: string }
  | { kind: "json"; value: Json };

export interface ToolCall {
  id: string | null;
  name: string;
  input: Json;
  /** Undefined while no result with its id was found. */
  result?: Json;
  failed?: boolean;
}

export interface Message {
  role: string;
  name: string | null;
  parts: Part[];
  calls: ToolCall[];
}

type Obj = { [key: string]: Json };

const isObject = (value: unknown): value is Obj =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** The messages in `value`, or null when it is not a conversation. */
export function readMessages(value: Json): Message[] | null {
  const list = messageList(value);
  if (!list || list.length === 0) return null;
  const messages: Message[] = [];
  for (const item of list) {
    const message = readMessage(item);
    if (!message) return null;
    messages.push(message);
  }
  return pairResults(messages);
}

function messageList(value: Json): Json[] | null {
  if (Array.isArray(value)) return value.every(looksLikeMessage) ? value : null;
  if (!isObject(value)) return null;
  if (Array.isArray(value.messages) && value.messages.every(looksLikeMessage)) return value.messages;
  if (Array.isArray(value.choices) && value.choices.every(looksLikeMessage)) return value.choices;
  return looksLikeMessage(value) ? [value] : null;
}

function looksLikeMessage(value: Json): boolean {
  if (!isObject(value)) return false;
  if (isObject(value.message)) return looksLikeMessage(value.message);
  if (value.type === "function_call" || value.type === "function_call_output") return true;
  return typeof value.role === "string" && ("content" in value || "tool_calls" in value || "parts" in value);
}

function readMessage(value: Json): Message | null {
  if (!isObject(value)) return null;
  if (isObject(value.message)) return readMessage(value.message);
  if (value.type === "function_call") {
    const call = {
      id: text(value.call_id),
      name: text(value.name) ?? "tool",
      input: parsed(value.arguments ?? null),
    };
    return { role: "assistant", name: null, parts: [], calls: [call] };
  }
  if (value.type === "function_call_output") {
    return toolResult(text(value.call_id), null, value.output ?? null, false);
  }
  const role = text(value.role);
  if (role === null) return null;
  if (role === "tool" || role === "function") {
    return toolResult(text(value.tool_call_id), text(value.name), value.content ?? null, false);
  }
  const message: Message = { role, name: text(value.name), parts: [], calls: [] };
  readContent(value.content ?? null, message);
  if (Array.isArray(value.tool_calls)) for (const call of value.tool_calls) readCall(call, message);
  return message;
}

const RESULT = "tool result";

/** A result that waits for its call; shown by itself when no call has its id. */
function toolResult(id: string | null, name: string | null, value: Json, failed: boolean): Message {
  const call: ToolCall = { id, name: name ?? "tool", input: null, result: parsed(flat(value)), failed };
  return { role: RESULT, name, parts: [], calls: [call] };
}

function readContent(content: Json, message: Message): void {
  if (content === null) return;
  if (typeof content === "string") {
    if (content !== "") message.parts.push({ kind: "text", text: content });
    return;
  }
  if (!Array.isArray(content)) {
    message.parts.push({ kind: "json", value: content });
    return;
  }
  for (const block of content) readBlock(block, message);
}

function readBlock(block: Json, message: Message): void {
  if (typeof block === "string") {
    message.parts.push({ kind: "text", text: block });
    return;
  }
  if (!isObject(block)) return;
  const words = text(block.text);
  if (
    words !== null &&
    ["text", "input_text", "output_text", "thinking", undefined].includes(block.type as string)
  ) {
    message.parts.push({ kind: "text", text: words });
  } else if (block.type === "tool_use") {
    message.calls.push({ id: text(block.id), name: text(block.name) ?? "tool", input: block.input ?? null });
  } else if (block.type === "tool_result") {
    message.calls.push(
      ...toolResult(text(block.tool_use_id), null, block.content ?? null, block.is_error === true).calls,
    );
    if (message.role === "user") message.role = RESULT;
  } else if (block.type === "image_url" && isObject(block.image_url) && text(block.image_url.url)) {
    message.parts.push({ kind: "image", url: text(block.image_url.url) ?? "" });
  } else {
    message.parts.push({ kind: "json", value: block });
  }
}

function readCall(call: Json, message: Message): void {
  if (!isObject(call)) return;
  const inner = isObject(call.function) ? call.function : call;
  message.calls.push({
    id: text(call.id),
    name: text(inner.name) ?? "tool",
    input: parsed(inner.arguments ?? inner.input ?? null),
  });
}

/** Content blocks that are nothing but text become that text. */
function flat(value: Json): Json {
  if (!Array.isArray(value)) return value;
  const texts = value.map((block) => (isObject(block) && block.type === "text" ? text(block.text) : null));
  return texts.every((item) => item !== null) && texts.length > 0 ? texts.join("\n") : value;
}

/** Arguments and results often are JSON inside a text. */
function parsed(value: Json): Json {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

/** Puts every result to the call that asked for it; results without a call stay messages of their own. */
function pairResults(messages: Message[]): Message[] {
  const waiting = new Map<string, ToolCall>();
  const kept: Message[] = [];
  for (const message of messages) {
    const left = message.calls.filter((call) => {
      const asked = message.role === RESULT && call.id !== null ? waiting.get(call.id) : undefined;
      if (!asked) return true;
      asked.result = call.result ?? null;
      if (call.failed) asked.failed = true;
      return false;
    });
    if (message.role !== RESULT) {
      for (const call of message.calls) if (call.id !== null) waiting.set(call.id, call);
    }
    if (left.length > 0 || message.parts.length > 0 || message.role !== RESULT)
      kept.push({ ...message, calls: left });
  }
  return kept;
}

/** The words of an answer that is nothing but one text; null for everything else. */
export function plainAnswer(value: Json): string | null {
  if (typeof value === "string") return value;
  const messages = readMessages(value);
  if (messages?.length !== 1) return null;
  const [message] = messages;
  const [part] = message?.parts ?? [];
  return message?.calls.length === 0 && message.parts.length === 1 && part?.kind === "text"
    ? part.text
    : null;
}

const ROLES: { [role: string]: string } = {
  system: "System",
  developer: "System",
  user: "User",
  human: "User",
  assistant: "Assistant",
  ai: "Assistant",
  model: "Assistant",
  [RESULT]: "Tool result",
};

export function roleName(role: string): string {
  return ROLES[role] ?? role.charAt(0).toUpperCase() + role.slice(1);
}

export const isSystem = (role: string) => role === "system" || role === "developer";
