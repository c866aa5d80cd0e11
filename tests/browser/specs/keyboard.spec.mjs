/** A whole review without a mouse. */
import { expect, test } from "../support/demo.mjs";
import { TracePage } from "../support/trace-page.mjs";

test("sign in, open a trace, score and complete it with keys alone", async ({ browser, demo }) => {
  const password = "only the keyboard today";
  demo.server.command("member", "add", "kay@example.com", "--name", "Kay Tabb", "--role", "reviewer", "--password", password);
  const { members } = await demo.api("GET", "/api/member");
  const kay = members.find((member) => member.email === "kay@example.com");
  const trace = await demo.newTrace({ output: "Reviewed by keys." });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const { keyboard } = page;

  await page.goto(`${demo.server.url}/sign-in`);
  await expect(page.getByLabel("E-mail")).toBeFocused();
  await keyboard.type("kay@example.com");
  await keyboard.press("Tab");
  await keyboard.type(password);
  await keyboard.press("Enter");

  // Projects: the first is the demo's; Enter opens the current one.
  await page.waitForURL(/\/app\/[^/]+$/);
  await expect(page.getByText(demo.project.name).first()).toBeVisible();
  await keyboard.press("j");
  await keyboard.press("Enter");
  await page.waitForURL(/\/logs/);

  // The newest trace is the one made above.
  await expect(page.getByRole("grid", { name: "Traces" }).getByText("Reviewed by keys.").first()).toBeVisible();
  await keyboard.press("j");
  await keyboard.press("Enter");
  await page.waitForURL(new RegExp(trace.id));
  const view = new TracePage(page);
  await view.ready();

  const score = demo.score("categorical");
  // Down to the question, then its first option.
  for (let step = 0; step < demo.scores.length; step += 1) {
    if (await view.question(score.name).locator('[aria-keyshortcuts="1"]').count()) break;
    await keyboard.press("Shift+J");
  }
  await keyboard.press("1");
  await expect(view.question(score.name).getByRole("radio", { checked: true })).toHaveCount(1);
  await keyboard.press("c");
  await expect(view.comment).toBeFocused();
  await keyboard.type("Checked by keys.");
  await keyboard.press("Enter");
  await keyboard.press("Escape");
  await keyboard.press("ControlOrMeta+Enter");
  await expect(page.getByRole("button", { name: "Status: Complete" })).toBeVisible();
  await view.synced();

  const { state } = await demo.review(trace.id);
  expect(state.scores[kay.id][score.name]).toBe(score.categories[0].value);
  expect(state.status).toMatchObject({ value: "complete", by: kay.id });
  expect(state.completed[kay.id]).toBeTruthy();
  expect(Object.values(state.comments).map((comment) => [comment.author, comment.text])).toEqual([[kay.id, "Checked by keys."]]);

  await keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeVisible();
  await keyboard.press("Escape");
  // While it closes, the dialog still has the keys.
  await expect(page.getByRole("dialog")).toBeHidden();
  await keyboard.press("u");
  await page.waitForURL(/\/logs($|\?)/);
  await context.close();
});

test("the sign-in form says what was wrong", async ({ page, demo }) => {
  await page.goto(`${demo.server.url}/sign-in`);
  await page.getByLabel("E-mail").fill("nobody@example.com");
  await page.getByLabel("Password").fill("not the pass phrase");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText(/wrong/)).toBeVisible();
});
