/** The review queue, worked by two people: what waits, who is on what, what one does to it while the other looks. */
import { randomUUID } from "node:crypto";
import { findings } from "../support/axe.mjs";
import { expect, test } from "../support/demo.mjs";

const grid = (page) => page.getByRole("grid", { name: "Log spans" });
const rowOf = (page, text) => grid(page).getByRole("row").filter({ hasText: text });
const column = (page, name) => page.getByRole("region", { name, exact: true });
const bell = (page) => page.getByRole("navigation", { name: "Main" }).getByRole("button", { name: /^Notifications/ }).filter({ visible: true });

const logs = (demo, more) => ({ object_type: "project_logs", object_id: demo.project.id, ...more });

/** Spans that no other test touches, under a tag of their own. */
async function flagged(demo, count, change = { status: "awaiting" }) {
  const tag = `q${randomUUID().slice(0, 8)}`;
  const spans = [];
  for (let n = 0; n < count; n++) spans.push(await demo.newTrace({ input: `${tag} question ${n}` }));
  const row_ids = spans.map((span) => span.id);
  await demo.api("POST", "/api/review/bulk", logs(demo, { row_ids, tags: { add: [tag] }, ...change }));
  return { tag, spans, url: `${demo.server.url}${demo.path}/review?filter=${encodeURIComponent(`tags includes '${tag}'`)}` };
}

test("what one does to the queue, the other sees without a row moving under the hand", async ({ demo, enter }) => {
  const { tag, spans, url } = await flagged(demo, 3);
  const [noor, mei] = await Promise.all([enter("Noor"), enter("Mei")]);
  await Promise.all([noor.goto(url), mei.goto(url)]);
  await expect(grid(noor).getByRole("row")).toHaveCount(4);
  await expect(rowOf(noor, `${tag} question 0`)).toContainText("Awaiting");

  // Noor moves the first of the list on, by key alone.
  await noor.keyboard.press("j");
  await noor.keyboard.press("Shift+ArrowRight");
  await expect(rowOf(noor, `${tag} question 2`)).toContainText("In progress");
  await expect(rowOf(mei, `${tag} question 2`)).toContainText("In progress");
  await noor.getByRole("button", { name: "Undo" }).click();
  await expect(rowOf(mei, `${tag} question 2`)).toContainText("Awaiting");

  // Somebody is on a row: the others see it, and nobody is kept from it.
  const meiOnIt = await mei.request.post(`${demo.server.url}/api/review/hold`, {
    data: logs(demo, { row_id: spans[1].id }),
    headers: { origin: demo.server.url },
  });
  expect(meiOnIt.ok()).toBe(true);
  await expect(rowOf(noor, `${tag} question 1`)).toContainText("Mei is on this");
  await demo.api("POST", "/api/review/bulk", logs(demo, { row_ids: [spans[1].id], status: "complete" }));
  await expect(rowOf(noor, `${tag} question 1`)).not.toContainText("Mei is on this");
  await expect(rowOf(noor, `${tag} question 1`)).toContainText("Complete");

  // What comes to match is counted, and shown when it is asked for.
  const late = await demo.newTrace({ input: `${tag} late` });
  await demo.api("POST", "/api/review/bulk", logs(demo, { row_ids: [late.id], tags: { add: [tag] }, status: "awaiting" }));
  await expect(noor.getByRole("button", { name: /1 new/ })).toBeVisible();
  await expect(grid(noor).getByRole("row")).toHaveCount(4);
  await noor.keyboard.press(".");
  await expect(rowOf(noor, `${tag} late`)).toBeVisible();

  // The selection is done by key and changed at once.
  await noor.keyboard.press("j");
  await noor.keyboard.press("x");
  await noor.keyboard.press("Shift+j");
  await expect(noor.getByRole("region", { name: "Selection" })).toContainText("2 selected");
  await noor.getByRole("button", { name: "Status" }).click();
  await noor.getByRole("menuitem", { name: "Complete" }).click();
  await expect(rowOf(mei, `${tag} question 2`)).toContainText("Complete");
  expect([...noor.problems, ...mei.problems]).toEqual([]);
});

test("cards of the board move by key and by drag, for both at once", async ({ demo, enter }) => {
  const { tag, url } = await flagged(demo, 2);
  const board = `${url}&layout=${encodeURIComponent('{"board":true}')}`;
  const [noor, mei] = await Promise.all([enter("Noor"), enter("Mei")]);
  await Promise.all([noor.goto(board), mei.goto(board)]);
  const card = (page, name, n) => column(page, name).getByRole("link").filter({ hasText: `${tag} question ${n}` });
  await expect(card(noor, "Awaiting", 0)).toBeVisible();
  await expect(card(mei, "Awaiting", 1)).toBeVisible();

  await noor.keyboard.press("j");
  await expect(card(noor, "Awaiting", 1)).toBeFocused();
  await noor.keyboard.press("Shift+ArrowRight");
  await expect(card(noor, "In progress", 1)).toBeVisible();
  await expect(card(mei, "In progress", 1)).toBeVisible();

  await card(mei, "Awaiting", 0).dragTo(column(mei, "Complete"));
  await expect(card(mei, "Complete", 0)).toBeVisible();
  await expect(card(noor, "Complete", 0)).toBeVisible();
  await noor.keyboard.press("b");
  await expect(grid(noor)).toBeVisible();
  expect([...noor.problems, ...mei.problems]).toEqual([]);
});

test("whoever is asked to review is told at once, and led there; the other is not", async ({ demo, enter }) => {
  const [noor, mei] = await Promise.all([enter("Noor"), enter("Mei")]);
  // Whoever's browser calls the API is the lead: what they do themselves is no news to them.
  const [told, other] = demo.lead === "Noor" ? [mei, noor] : [noor, mei];
  const name = demo.lead === "Noor" ? "Mei" : "Noor";
  await Promise.all([told, other].map((page) => page.goto(`${demo.server.url}${demo.path}/review?view=mine`)));
  await expect(bell(told)).toBeVisible();
  await told.request.post(`${demo.server.url}/api/notification/read`, {
    data: { up_to: "9007199254740991" },
    headers: { origin: demo.server.url },
  });
  await expect(bell(told)).toHaveAccessibleName("Notifications");
  const { spans } = await flagged(demo, 1, { status: "awaiting", assign: [demo.people[name].id] });
  await expect(bell(told)).toHaveAccessibleName(/1 not read/);
  await expect(bell(other)).not.toHaveAccessibleName(/not read/);

  await told.keyboard.press("g");
  await told.keyboard.press("i");
  const inbox = told.getByRole("region", { name: "Notifications" });
  await expect(inbox.getByRole("link").first()).toBeFocused();
  await expect(inbox.getByRole("link").first()).toContainText("asked you to review a span");
  expect(await findings(told)).toEqual([]);
  await told.keyboard.press("Enter");
  await told.waitForURL(new RegExp(`/logs/${spans[0].id}`));
  await expect(bell(told)).toHaveAccessibleName("Notifications");
  expect([...noor.problems, ...mei.problems]).toEqual([]);
});

test("a trace is read as tree, timeline and thread, its relatives one key away", async ({ demo, enter }) => {
  const noor = await enter("Noor");
  const { traces } = await demo.api("GET", `/api/trace?object_type=project_logs&object_id=${demo.project.id}&sort=-duration&limit=1`);
  await noor.goto(`${demo.server.url}${demo.path}/logs/${traces[0].root_span_id}`);
  const selected = noor.getByRole("treeitem", { selected: true });
  await expect(selected).toBeVisible();
  await noor.keyboard.press("Shift+ArrowUp");
  const parent = await selected.textContent();
  await noor.keyboard.press("Shift+ArrowDown");
  await expect(selected).not.toHaveText(parent);
  await noor.keyboard.press("Shift+ArrowUp");
  await expect(selected).toHaveText(parent);

  await noor.keyboard.press("Shift+t");
  await expect(noor.getByRole("radio", { name: "Timeline" })).toBeChecked();
  await noor.keyboard.press("+");
  await expect(noor.getByRole("button", { name: "Show more of the time" })).toBeEnabled();
  expect(await findings(noor)).toEqual([]);
  await noor.keyboard.press("Shift+t");
  await expect(noor.getByRole("region", { name: "Thread" }).getByRole("listitem").nth(1)).toBeVisible();
  expect(await findings(noor)).toEqual([]);
  await noor.getByRole("radio", { name: "Tree" }).click();
  expect(noor.problems).toEqual([]);
});

for (const colorScheme of ["light", "dark"]) {
  test(`the queue is sound in its ${colorScheme} theme, as list and as board`, async ({ demo, enter }) => {
    const { url } = await flagged(demo, 2);
    const noor = await enter("Noor", { colorScheme });
    await noor.goto(url);
    await expect(grid(noor).getByRole("row").nth(1)).toBeVisible();
    expect(await findings(noor)).toEqual([]);
    await noor.keyboard.press("b");
    await expect(column(noor, "Awaiting").getByRole("link").first()).toBeVisible();
    expect(await findings(noor)).toEqual([]);
    await noor.setViewportSize({ width: 390, height: 844 });
    await noor.goto(url);
    await expect(grid(noor).getByRole("row").first()).toBeVisible();
    expect(await findings(noor)).toEqual([]);
  });
}
