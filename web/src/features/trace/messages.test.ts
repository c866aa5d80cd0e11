import { expect, test } from "vitest";
import { plainAnswer, readMessages } from "./messages.ts";

test("tool results go to the calls that asked for them", () => {
  const messages = readMessages([
    { role: "system", content: "Be kind" },
    { role: "user", content: [{ type: "text", text: "Where is it?" }] },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "c1", type: "function", function: { name: "lookup", arguments: '{"order":1042}' } }],
    },
    { role: "tool", tool_call_id: "c1", content: '{"state":"received"}' },
    { role: "tool", tool_call_id: "c9", name: "lost", content: "no call asked for it" },
  ]);
  expect(messages?.map((message) => message.role)).toEqual(["system", "user", "assistant", "tool result"]);
  expect(messages?.[2]?.calls).toEqual([
    { id: "c1", name: "lookup", input: { order: 1042 }, result: { state: "received" } },
  ]);
  expect(messages?.[3]?.calls[0]).toMatchObject({ name: "lost", result: "no call asked for it" });
});

test("blocks of tool use and result pair as well", () => {
  const messages = readMessages([
    {
      role: "assistant",
      content: [
        { type: "text", text: "Let me look" },
        { type: "tool_use", id: "t", name: "find", input: { q: 1 } },
      ],
    },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: "t",
          content: [{ type: "text", text: "nothing" }],
          is_error: true,
        },
      ],
    },
  ]);
  expect(messages).toEqual([
    {
      role: "assistant",
      name: null,
      parts: [{ kind: "text", text: "Let me look" }],
      calls: [{ id: "t", name: "find", input: { q: 1 }, result: "nothing", failed: true }],
    },
  ]);
});

test("answers of several shapes; what is no conversation stays itself", () => {
  expect(
    plainAnswer([{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hello" } }]),
  ).toBe("Hello");
  expect(plainAnswer({ choices: [{ message: { role: "assistant", content: "Hi" } }] })).toBe("Hi");
  expect(plainAnswer("text")).toBe("text");
  expect(plainAnswer({ answer: "x" })).toBeNull();
  expect(readMessages([{ a: 1 }])).toBeNull();
  expect(readMessages([])).toBeNull();
  expect(readMessages("text")).toBeNull();
});
