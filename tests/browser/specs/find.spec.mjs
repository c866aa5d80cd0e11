/** Finding things, alone and together: a filter by keys, a view for everybody, a list that stays true while others work. */
import { randomUUID } from "node:crypto";
import { findings } from "../support/axe.mjs";
import { expect, openTrace, test } from "../support/demo.mjs";

const grid = (page) => page.getByRole("grid", { name: "Traces" });
const conditions = (page) => page.getByRole("list", { name: "Conditions" }).getByRole("listitem");
const box = (page) => page.getByRole("combobox", { name: "Filter" });
const filterOf = (page) => new URL(page.url()).searchParams.get("filter");

test("another's score makes a row enter a list that is open, and a later one makes it leave", async ({ demo, enter }) => {
  const slider = demo.score("slider");
  const tag = `t${randomUUID().slice(0, 8)}`;
  const [inside, outside] = [await demo.newTrace({ output: "Already found." }), await demo.newTrace({ output: "Found later." })];
  const judge = (trace, value) =>
    demo.api("POST", `/v1/project_logs/${demo.project.id}/feedback`, {
      feedback: [{ id: trace.id, scores: { [slider.name]: value }, tags: [tag], source: "app" }],
    });
  await judge(inside, 0.9);
  await judge(outside, 0.2);

  const [noor, mei] = await Promise.all([enter("Noor"), enter("Mei")]);
  const filter = `tags includes '${tag}' and scores.${slider.name} > 0.5`;
  await noor.goto(`${demo.server.url}${demo.path}/logs?filter=${encodeURIComponent(filter)}`);
  await expect(conditions(noor)).toHaveCount(2);
  await expect(grid(noor).getByText("Already found.")).toBeVisible();
  await expect(grid(noor).getByRole("row")).toHaveCount(2);

  // The lead judged 0.2; with Mei's 100 % the mean is above one half.
  const meis = await openTrace(mei, outside);
  const field = meis.question(slider.name).getByRole("textbox", { name: `${slider.name}, in percent` });
  await field.fill("100");
  await field.press("Enter");
  const bar = noor.getByRole("button", { name: /1 new/ });
  await expect(bar).toBeVisible();
  // Nothing moved under the hand until it is asked for.
  await expect(grid(noor).getByRole("row")).toHaveCount(2);
  await noor.keyboard.press(".");
  await expect(grid(noor).getByText("Found later.")).toBeVisible();

  await field.fill("0");
  await field.press("Enter");
  await expect(grid(noor).getByRole("row").filter({ hasText: "Found later." }).getByText("Matches no longer")).toBeVisible();
  await expect(grid(noor).getByRole("row")).toHaveCount(3);
  expect([...noor.problems, ...mei.problems]).toEqual([]);
});

test("a filter by keys alone, saved as a view that the other opens", async ({ demo, enter }) => {
  const slider = demo.score("slider");
  const [noor, mei] = await Promise.all([enter("Noor"), enter("Mei")]);
  const { keyboard } = noor;
  await noor.goto(`${demo.server.url}${demo.path}/logs`);
  await expect(grid(noor).getByRole("row").nth(2)).toBeVisible();

  await keyboard.press("f");
  await expect(box(noor)).toBeFocused();
  await keyboard.type(slider.name.slice(0, 4).toLowerCase());
  await expect(noor.getByRole("option", { name: slider.name }).first()).toBeVisible();
  await keyboard.press("Tab");
  await expect(box(noor)).toHaveValue(`scores.${slider.name} `);
  await keyboard.type("> 0.75");
  await keyboard.press("Enter");
  await expect(conditions(noor)).toHaveText([/above\s*0.75/]);

  // Values come with their counts; the arrow takes one, Enter adds it.
  await keyboard.type("tags includes ");
  await expect(noor.getByRole("option").first()).toHaveText(/\d/);
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await expect(conditions(noor)).toHaveCount(2);
  await keyboard.press("Backspace");
  await expect(conditions(noor)).toHaveCount(1);

  // What cannot be read says where; English is read as what it means, and can be taken back.
  await keyboard.type(`scores.${slider.name} > > 1`);
  await keyboard.press("Enter");
  await expect(noor.getByRole("alert")).toContainText(/found/);
  await box(noor).fill("errors");
  await keyboard.press("Enter");
  await expect(conditions(noor)).toHaveCount(2);
  await noor.getByRole("button", { name: "Undo" }).click();
  await expect(conditions(noor)).toHaveCount(1);
  const filter = filterOf(noor);

  const name = `Warm ${randomUUID().slice(0, 6)}`;
  await noor.getByRole("button", { name: "Save as", exact: true }).click();
  await noor.getByRole("textbox", { name: "Name" }).fill(name);
  await keyboard.press("Enter");
  await expect(noor.getByRole("button", { name: new RegExp(`^${name}`) })).toBeVisible();
  expect(filterOf(noor)).toBeNull();

  await mei.goto(`${demo.server.url}${demo.path}/logs`);
  await expect(grid(mei).getByRole("row").nth(2)).toBeVisible();
  await mei.keyboard.press("v");
  await mei.getByRole("button", { name, exact: true }).click();
  await expect(conditions(mei)).toHaveText([/above\s*0.75/]);
  await expect(mei.getByRole("button", { name: "Reset" })).toHaveCount(0);
  await mei.getByRole("button", { name: /^Remove: / }).click();
  await expect(mei.getByRole("button", { name: "Reset" })).toBeVisible();
  expect(filterOf(mei)).toBe("");
  await mei.getByRole("button", { name: "Reset" }).click();
  await expect(conditions(mei)).toHaveCount(1);
  expect(filter).toContain(slider.name);
  expect([...noor.problems, ...mei.problems]).toEqual([]);
});

test("many traces at once: all that match, with their number", async ({ demo, enter }) => {
  const tag = `t${randomUUID().slice(0, 8)}`;
  const traces = [await demo.newTrace(), await demo.newTrace(), await demo.newTrace()];
  for (const trace of traces) {
    await demo.api("POST", `/v1/project_logs/${demo.project.id}/feedback`, { feedback: [{ id: trace.id, tags: [tag], source: "app" }] });
  }
  const noor = await enter("Noor");
  await noor.goto(`${demo.server.url}${demo.path}/logs?filter=${encodeURIComponent(`tags includes '${tag}'`)}`);
  await expect(grid(noor).getByRole("row")).toHaveCount(4);
  await noor.keyboard.press("j");
  await noor.keyboard.press("x");
  const bar = noor.getByRole("region", { name: "Selection" });
  await expect(bar.getByText("1 selected")).toBeVisible();
  await bar.getByRole("button", { name: /Select all 3 traces that match/ }).click();
  await bar.getByRole("button", { name: "Flag" }).click();
  await expect(noor.getByText("3 traces flagged for review")).toBeVisible();
  for (const trace of traces) expect((await demo.review(trace.id)).state.status.value).toBe("awaiting");
});

for (const colorScheme of ["light", "dark"]) {
  test(`finding is accessible, ${colorScheme}`, async ({ demo, enter }) => {
    const page = await enter("Noor", { colorScheme });
    const filter = `scores.${demo.score("slider").name} > 0.1`;
    await page.goto(`${demo.server.url}${demo.path}/logs?filter=${encodeURIComponent(filter)}`);
    await expect(grid(page).getByRole("row").nth(2)).toBeVisible();
    await page.evaluate(() => document.fonts.ready);
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await expect(page.getByRole("region", { name: "Selection" })).toBeVisible();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press("f");
    await page.keyboard.type("t");
    await expect(page.getByRole("option").first()).toBeVisible();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.keyboard.press("v");
    await expect(page.getByRole("list", { name: "Views" })).toBeVisible();
    expect(await findings(page)).toEqual([]);
  });
}
