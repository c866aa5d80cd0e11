/** Comments that point at words: of what was logged, and of the expected value while it changes. */
import { expect, openTrace, test } from "../support/demo.mjs";

const OUTPUT = "They run half a size small. Order one size up.";

/** Selects words as a person does: by dragging over them. */
async function select(page, words) {
  const box = await page.evaluate((wanted) => {
    const walker = document.createTreeWalker(document.querySelector("[data-content]"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const at = walker.currentNode.data.indexOf(wanted);
      if (at < 0 || !walker.currentNode.parentElement.closest("[data-anchored]")) continue;
      const range = document.createRange();
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + wanted.length);
      const { left, right, top, height } = range.getBoundingClientRect();
      return { left, right, y: top + height / 2 };
    }
  }, words);
  await page.mouse.move(box.left + 0.5, box.y);
  await page.mouse.down();
  await page.mouse.move(box.right - 0.5, box.y, { steps: 5 });
  await page.mouse.up();
  return box;
}

/** Words that are marked for comments. */
const marked = (page) =>
  page.evaluate(() =>
    ["p1", "p2", "p3", "p4"].flatMap((name) => [...(CSS.highlights.get(`comment-${name}`) ?? [])].map(String)),
  );

test("a comment on words of the output is seen at these words by the other, and leads there and back", async ({
  demo,
  enter,
}) => {
  const trace = await demo.newTrace({ output: OUTPUT });
  const [noor, mei] = await Promise.all([enter("Noor"), enter("Mei")]);
  const [noors, meis] = [await openTrace(noor, trace), await openTrace(mei, trace)];

  const place = await select(noor, "half a size");
  await noor.keyboard.press("c");
  await noor.keyboard.type("Is that still so?");
  await noor.keyboard.press("Enter");
  await expect(meis.discussion.getByRole("button", { name: "half a size" })).toBeVisible();
  await expect.poll(() => marked(mei)).toEqual(["half a size"]);
  await expect.poll(() => marked(noor)).toEqual(["half a size"]);

  await noors.synced();
  const { state } = await demo.review(trace.id);
  const [comment] = Object.values(state.comments);
  expect(comment.anchor).toMatchObject({ field: "output", quote: "half a size" });
  expect(OUTPUT.slice(comment.anchor.start, comment.anchor.end)).toBe("half a size");

  await mei.mouse.click((place.left + place.right) / 2, place.y);
  await expect(meis.discussion.getByRole("article", { name: "Noor" })).toHaveAttribute("aria-current", "true");
  await meis.discussion.getByRole("button", { name: "half a size" }).click();
  await expect.poll(() => mei.evaluate(() => CSS.highlights.has("comment-shown"))).toBe(true);

  // Settled: the words are plain again for both.
  await noors.discussion.getByRole("button", { name: "Resolve" }).click();
  await expect.poll(() => marked(mei)).toEqual([]);
  expect([...noor.problems, ...mei.problems]).toEqual([]);
});

test("a comment on words of the expected value moves with them, and says when they are gone", async ({ demo, enter }) => {
  const trace = await demo.newTrace({ output: OUTPUT });
  const [noor, mei] = await Promise.all([enter("Noor"), enter("Mei")]);
  const [noors, meis] = [await openTrace(noor, trace), await openTrace(mei, trace)];
  await noors.edit();
  await noor.keyboard.press("End");
  await noor.keyboard.type(" Truly");
  for (let letter = 0; letter < "Truly".length; letter += 1) await noor.keyboard.press("Shift+ArrowLeft");
  await noor.keyboard.press("Escape");
  await noor.keyboard.press("c");
  await noor.keyboard.type("Too much?");
  await noor.keyboard.press("Enter");

  const mark = (page) => page.locator("[data-comment]");
  await expect(mark(mei)).toHaveText("Truly");
  await meis.edit();
  await mei.keyboard.press("ControlOrMeta+Home");
  await mei.keyboard.type("Yes. ");
  await noors.expectText(`Yes. ${OUTPUT} Truly`);
  await expect(mark(noor)).toHaveText("Truly");

  await mei.keyboard.press("ControlOrMeta+End");
  for (let letter = 0; letter < " Truly".length; letter += 1) await mei.keyboard.press("Backspace");
  await noors.expectText(`Yes. ${OUTPUT}`);
  await expect(mark(noor)).toHaveCount(0);
  await noors.discussion.getByRole("button", { name: "Truly" }).click();
  await expect(noor.getByText("The words are gone from what is expected")).toBeVisible();
  expect([...noor.problems, ...mei.problems]).toEqual([]);
});
