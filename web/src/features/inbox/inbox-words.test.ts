import { expect, it } from "vitest";
import type { Notification } from "@/api/inbox.ts";
import { about, hrefOf, sentence } from "./inbox-words.ts";

const one: Notification = {
  id: "7",
  kind: "mentioned",
  by: { id: "m", name: "Mei Tan" },
  at: "2026-11-24T09:00:00Z",
  read: false,
  project_id: "p1",
  project_name: "Support agent",
  object_type: "project_logs",
  object_id: "p1",
  object_name: "Support agent",
  row_id: "r1",
  rows: 1,
  row: { span_id: "s1", root_span_id: "t1", name: "answer", preview: "Where is it?" },
  comment_id: "c1",
  excerpt: "See this",
};

it("leads to the comment itself", () => {
  expect(hrefOf("Acme", one)).toBe("/app/Acme/p/Support%20agent/logs/t1?s=s1&c=c1&review=%221%22");
  expect(about(one)).toBe("answer in Support agent");
});

it("leads to what is assigned where there is much of it", () => {
  const many: Notification = {
    ...one,
    kind: "assigned",
    rows: 312,
    object_type: "experiment",
    object_name: "May",
  };
  expect(hrefOf("Acme", many)).toBe("/app/Acme/p/Support%20agent/review?kind=experiment&view=mine");
  expect([sentence(many), about(many)]).toEqual(["asked you to review 312 spans", "Support agent / May"]);
});
