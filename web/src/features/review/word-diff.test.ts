import { expect, test } from "vitest";
import { wordDiff } from "./word-diff.ts";

test("both sides can be put together again, and only differing words are marked", () => {
  const output = "Refunds are issued within 30 days of arrival.";
  const expected = "Refunds are issued within 14 days of arrival, always.";
  const diff = wordDiff(output, expected);
  expect(diff?.left.map((piece) => piece.text).join("")).toBe(output);
  expect(diff?.left.filter((piece) => piece.changed).map((piece) => piece.text.trim())).toContain("30");
  const added = diff?.right.map(({ from, to }) => expected.slice(from, to)).join("|");
  expect(added).toContain("14");
  expect(added).not.toContain("Refunds");
});

test("very long texts are not compared", () => {
  expect(wordDiff("x ".repeat(30_000), "y")).toBeNull();
});
