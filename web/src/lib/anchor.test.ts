import { afterEach, expect, test } from "vitest";
import { hashOf, type LoggedAnchor, rangesOf, readAnchor, register, selectedAnchor } from "./anchor.ts";

const TEXT = "# Refunds\n\nA **full** refund takes\n  five days. A refund is full.";

/** The text as Markdown shows it, in the page. */
function show(field: "input" | "output" = "output"): HTMLElement {
  const element = document.createElement("div");
  element.dataset.anchored = hashOf(TEXT);
  element.innerHTML =
    "<h1>Refunds</h1>\n<p>A <strong>full</strong> refund takes\nfive days. A refund is full.</p>";
  document.body.append(element);
  register(element, field, TEXT);
  return element;
}

const anchor = (words: string, last = false): LoggedAnchor => {
  const start = last ? TEXT.lastIndexOf(words) : TEXT.indexOf(words);
  return { field: "output", start, end: start + words.length, hash: hashOf(TEXT), quote: words };
};
const said = (ranges: Range[]) => ranges.map((range) => range.toString());

afterEach(() => {
  document.body.replaceChildren();
});

test("words are found where the text is shown, signs and indents of Markdown or not", () => {
  show();
  expect(said(rangesOf(anchor("Refunds")))).toEqual(["Refunds"]);
  expect(said(rangesOf(anchor("full** refund takes\n  five")))).toEqual(["full", " refund takes", "five"]);
  expect(said(rangesOf(anchor("full", true)))).toEqual(["full"]);
  expect(rangesOf({ ...anchor("full"), hash: hashOf(`${TEXT}.`) })).toEqual([]);
  expect(rangesOf({ ...anchor("full"), field: "input" })).toEqual([]);
});

test("a selection becomes an anchor of the logged text", () => {
  const element = show();
  const [strong, paragraph] = [element.querySelector("strong"), element.querySelector("p")];
  const range = document.createRange();
  range.setStart(strong?.firstChild as Node, 0);
  range.setEnd(paragraph?.lastChild as Node, " refund".length);
  getSelection()?.removeAllRanges();
  getSelection()?.addRange(range);
  const selected = selectedAnchor();
  expect(selected && TEXT.slice(selected.start, selected.end)).toBe("full** refund");
  expect(selected).toMatchObject({ field: "output", hash: hashOf(TEXT), quote: "full refund" });
});

test("anchors that others wrote are read with care", () => {
  expect(readAnchor({ field: "output", start: 2, end: 5, hash: "x" })).toMatchObject({ start: 2, quote: "" });
  expect(readAnchor({ field: "expected", start: "1@a", end: "2@a", quote: "q" })).toMatchObject({
    field: "expected",
  });
  for (const odd of [
    null,
    5,
    { field: "content", quote: "q" },
    { field: "output", start: 5, end: 5, hash: "x" },
  ]) {
    expect(readAnchor(odd)).toBeNull();
  }
});
