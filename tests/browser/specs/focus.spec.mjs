/** Focused review with keys alone: one person through a list, two on one item, and one of them without network. */
import { findings } from "../support/axe.mjs";
import { expect, test } from "../support/demo.mjs";
import { FocusPage, newQueue, openQueue } from "../support/focus-page.mjs";

const scoresOf = (demo) => [...demo.scores].sort((a, b) => (a.position < b.position ? -1 : 1));
const choiceOf = (demo) => demo.score("categorical");

for (const theme of ["light", "dark"]) {
  test(`a list is worked through with keys alone, ${theme}`, async ({ demo, enter }) => {
    const queue = await newQueue(demo, 4);
    const page = await enter("Noor", { colorScheme: theme });
    const { keyboard } = page;
    const view = new FocusPage(page);
    const choice = choiceOf(demo);
    const me = demo.people.Noor.id;

    await page.goto(queue.list);
    await expect(page.getByRole("grid", { name: "Traces" }).getByText("Answer 4")).toBeVisible();
    await keyboard.press("r");
    await view.ready();
    await view.expectItem(1, 4);
    await expect(page.getByRole("main").getByText("Answer 4")).toBeVisible();
    await expect(page.getByRole("navigation", { name: "Main" })).toHaveCount(0);
    expect(await findings(page)).toEqual([]);

    // A key answers and moves on to the next question.
    await view.expectQuestion(choice.name);
    await keyboard.press("1");
    await expect(view.line(choice.name)).toHaveAccessibleName(`${choice.name} answered: ${choice.categories[0].name}`);
    await view.expectQuestion(scoresOf(demo).filter((score) => score.score_type !== "weighted")[1].name);

    await keyboard.press("ControlOrMeta+Enter");
    await view.expectItem(2, 4);
    await keyboard.press("s");
    await view.expectItem(3, 4);

    // Back across items: the skip, the completion, the answer.
    await keyboard.press("z");
    await view.expectItem(2, 4);
    await keyboard.press("z");
    await view.expectItem(1, 4);
    await expect(page.getByRole("button", { name: "Reopen" })).toHaveCount(0);
    await keyboard.press("z");
    await expect(view.current.getByRole("radio", { checked: true })).toHaveCount(0);
    await view.synced();
    expect((await demo.review(queue.rows[0])).state).toMatchObject({ scores: { [me]: { [choice.name]: null } }, completed: {} });
    await keyboard.press("Shift+Z");
    await keyboard.press("Shift+Z");
    await expect(page.getByRole("button", { name: "Reopen" })).toBeVisible();
    await view.synced();
    const { state } = await demo.review(queue.rows[0]);
    expect(state.scores[me][choice.name]).toBe(choice.categories[0].value);
    expect(state.status).toMatchObject({ value: "complete", by: me });

    // The whole form and back, the whole trace and back, each by its key.
    await keyboard.press("v");
    await expect(view.questions).toHaveCount(0);
    expect(await findings(page)).toEqual([]);
    await keyboard.press("v");
    await keyboard.press("o");
    await expect(page.getByRole("tree", { name: "Span tree" })).toBeVisible();
    expect(await findings(page)).toEqual([]);
    await keyboard.press("Escape");
    await expect(page.getByRole("tree", { name: "Span tree" })).toHaveCount(0);

    await keyboard.press("ArrowRight");
    await view.expectItem(2, 4);
    await keyboard.press("x");
    await expect(page.getByRole("button", { name: "Take the flag away" })).toBeVisible();
    await keyboard.press("ControlOrMeta+Enter");
    await view.expectItem(3, 4);
    await keyboard.press("s");
    await view.expectItem(4, 4);
    await keyboard.press("ControlOrMeta+Enter");

    await expect(page.getByRole("heading", { name: "3 items done" })).toBeVisible();
    await expect(page.getByText("1 item skipped")).toBeVisible();
    expect(await findings(page)).toEqual([]);
    await keyboard.press("Escape");
    await page.waitForURL(/\/logs/);
    await expect(page.getByText("3 done, none left")).toBeVisible();
    expect(page.problems).toEqual([]);
  });
}

test("a copied link leads to the same item and question, where both see each other", async ({ demo, enter }) => {
  const queue = await newQueue(demo, 3);
  const noor = await enter("Noor", { permissions: ["clipboard-read", "clipboard-write"] });
  const noors = await openQueue(noor, demo, queue);
  await noor.keyboard.press("ArrowRight");
  await noors.expectItem(2, 3);
  await noor.keyboard.press("ArrowDown");
  await noor.keyboard.press("ArrowDown");
  const asked = await noors.current.getByRole("heading", { level: 2 }).textContent();
  await noor.keyboard.press("y");
  await expect(noor.getByText("Link copied")).toBeVisible();
  const link = await noor.evaluate(() => navigator.clipboard.readText());

  const mei = await enter("Mei");
  await mei.goto(link);
  const meis = new FocusPage(mei);
  await meis.ready();
  await meis.expectItem(2, 3);
  await expect(mei.getByRole("main").getByText("Answer 2")).toBeVisible();
  await meis.expectQuestion(asked);
  await expect(noor.getByRole("group", { name: `On this item: ${demo.people.Mei.name}` })).toBeVisible();
  await expect(mei.getByRole("group", { name: `On this item: ${demo.people.Noor.name}` })).toBeVisible();

  // Who came first is named to the other, and in nobody's way.
  await expect(mei.getByText("Noor is on this")).toBeVisible();
  await expect(noor.getByText("is on this")).toHaveCount(0);

  // Both write what it should have said.
  await noor.keyboard.press("e");
  await expect(noor.getByRole("textbox", { name: "Expected" })).toBeFocused();
  await noor.keyboard.press("End");
  await noor.keyboard.type(", said better");
  await expect(mei.getByRole("textbox", { name: "Expected" })).toContainText("Answer 2, said better");
  await noor.keyboard.press("Escape");
  await noor.keyboard.press("c");
  await noor.keyboard.type("Look at this one");
  await noor.keyboard.press("Enter");
  await expect(mei.getByText("Look at this one")).toBeVisible();
  expect([...noor.problems, ...mei.problems]).toEqual([]);
});

test("rows of all experiments come one after another, each in its own place", async ({ demo, enter }) => {
  const page = await enter("Noor");
  const search = new URLSearchParams({ kind: "experiment", f: "is_root" });
  await page.goto(`${demo.server.url}${demo.path}/focus?${search}`);
  const view = new FocusPage(page);
  await view.ready();
  await page.keyboard.press("ArrowRight");
  await view.ready();
  await page.keyboard.press("Escape");
  await page.waitForURL(/\/experiments\//);
  expect(page.problems).toEqual([]);
});

test("without network the next items are there, and all of it arrives with the return", async ({ demo, enter }) => {
  const queue = await newQueue(demo, 4);
  const [noor, mei] = [await enter("Noor"), await enter("Mei")];
  const [noors, meis] = [await openQueue(noor, demo, queue), await openQueue(mei, demo, queue)];
  const choice = choiceOf(demo);
  await expect(mei.getByRole("group", { name: /^On this item: / })).toBeVisible();
  // The next three were opened ahead.
  await noor.waitForTimeout(2000);

  await noor.context().setOffline(true);
  await noor.keyboard.press("2");
  await expect(noors.line(choice.name)).toHaveAccessibleName(/ answered: /);
  await noor.keyboard.press("ControlOrMeta+Enter");
  await noors.expectItem(2, 4);
  await expect(noor.getByRole("main").getByText("Answer 3")).toBeVisible();
  await noor.keyboard.press("3");
  await noor.keyboard.press("ControlOrMeta+Enter");
  await noors.expectItem(3, 4);
  await expect(noor.getByText(/Offline|Reconnecting/).first()).toBeVisible();
  await mei.keyboard.press("1");
  await expect(meis.line(choice.name)).toHaveAccessibleName(/ answered: /);
  await meis.synced();

  await noor.context().setOffline(false);
  await noors.synced();
  const value = (at) => choice.categories[at].value;
  const first = (await demo.review(queue.rows[0])).state;
  expect(first.scores[demo.people.Noor.id][choice.name]).toBe(value(1));
  expect(first.scores[demo.people.Mei.id][choice.name]).toBe(value(0));
  expect(first.completed[demo.people.Noor.id]).toBeTruthy();
  const second = (await demo.review(queue.rows[1])).state;
  expect(second.scores[demo.people.Noor.id][choice.name]).toBe(value(2));
  expect(second.status.value).toBe("complete");

  // Taking back what was done without network works on the item that it was done on.
  await noor.keyboard.press("z");
  await noors.expectItem(2, 4);
  await noors.synced();
  expect((await demo.review(queue.rows[1])).state.completed).toEqual({});
  expect([...noor.problems, ...mei.problems]).toEqual([]);
});

test("keys are quick: an answer is on screen in a frame or two, the next item hardly later", async ({ demo, enter }, info) => {
  const queue = await newQueue(demo, 14);
  const page = await enter("Noor");
  const view = await openQueue(page, demo, queue);
  await page.waitForTimeout(1500);
  /** Time from the key event to the frame after the one that shows its effect. */
  const measure = (key, selector, before) =>
    page.evaluate(
      ([key, selector, before]) =>
        new Promise((resolve) => {
          const read = () => document.querySelector(selector)?.textContent ?? "";
          addEventListener(
            "keydown",
            (event) => {
              const look = () => {
                if (read() === before) requestAnimationFrame(look);
                else requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - event.timeStamp)));
              };
              queueMicrotask(look);
            },
            { once: true, capture: true },
          );
          globalThis.armed = key;
        }),
      [key, selector, before],
    );
  const times = { key: [], item: [] };
  const question = '[aria-label="Questions"] [aria-current="step"]';
  for (let item = 1; item < 13; item += 1) {
    const before = await page.locator(question).textContent();
    const [answered] = await Promise.all([measure("1", question, before), page.waitForFunction(() => globalThis.armed === "1").then(() => page.keyboard.press("1"))]);
    times.key.push(answered);
    await page.evaluate(() => {
      globalThis.armed = "";
    });
    const title = await page.locator("main h1").textContent();
    const [moved] = await Promise.all([
      measure("next", "main h1", title),
      page.waitForFunction(() => globalThis.armed === "next").then(() => page.keyboard.press("ControlOrMeta+Enter")),
    ]);
    times.item.push(moved);
    await view.expectItem(item + 1, 14);
    await view.ready();
    // A reader needs longer than this; the items ahead are loaded meanwhile.
    await page.waitForTimeout(500);
  }
  const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const words = (list) => `median ${median(list).toFixed(0)} ms, worst ${Math.max(...list).toFixed(0)} ms`;
  info.annotations.push({ type: "measured", description: `key to screen ${words(times.key)}; next item ${words(times.item)}` });
  console.log(`    key to changed screen: ${words(times.key)}; complete to next item: ${words(times.item)}`);
  // What people are promised is 50 and 100 ms; a machine that runs other tests beside this one gets twice that.
  expect(median(times.key)).toBeLessThan(100);
  expect(median(times.item)).toBeLessThan(200);
});

test("a person's own keys work in place of the standard ones, and are there at the next visit", async ({ demo, enter }) => {
  const queue = await newQueue(demo, 3);
  const page = await enter("Mei");
  const view = await openQueue(page, demo, queue);
  const { keyboard } = page;
  await keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keys" });
  await dialog.getByRole("button", { name: "Change keys" }).press("Enter");
  expect(await findings(page)).toEqual([]);
  await dialog.getByRole("button", { name: /^Change the keys of Skip this item/ }).press("Enter");
  await keyboard.press("z");
  await expect(dialog.getByRole("alert")).toContainText("“Take back” has these keys");
  await keyboard.press("q");
  await expect(dialog.getByRole("button", { name: "Change the keys of Skip this item, now Q" })).toBeFocused();
  await keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await keyboard.press("s");
  await view.expectItem(1, 3);
  await keyboard.press("q");
  await view.expectItem(2, 3);
  // The address follows once the hand rests.
  await page.waitForURL(new RegExp(queue.rows[1]));
  await page.reload();
  await view.ready();
  await keyboard.press("q");
  await view.expectItem(3, 3);
  expect(page.problems).toEqual([]);
});
