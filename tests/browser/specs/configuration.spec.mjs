/** Configuration: tags in their order, feedback keys that work in a page of another origin, webhooks that arrive. */
import { randomUUID } from "node:crypto";
import { findings } from "../support/axe.mjs";
import { expect, openTrace, test } from "../support/demo.mjs";
import { Elsewhere } from "../support/elsewhere.mjs";

const section = (demo, name) => `${demo.server.url}${demo.path}/configuration/${name}`;

test("tags are made, put in order and deleted", async ({ demo, enter }) => {
  const noor = await enter("Noor");
  await noor.goto(section(demo, "tags"));
  const words = ["b", "a"].map((letter) => `${letter}-${randomUUID().slice(0, 6)}`);
  for (const word of words) {
    await noor.getByRole("button", { name: /New tag/ }).waitFor();
    await noor.keyboard.press("c");
    const dialog = noor.getByRole("dialog", { name: "New tag" });
    await dialog.getByRole("textbox", { name: "Name" }).fill(word);
    await dialog.getByRole("radio", { name: "Teal" }).click();
    await dialog.getByRole("button", { name: "Create tag" }).click();
    await expect(noor.getByRole("listitem").filter({ hasText: word })).toBeVisible();
  }
  const order = async () =>
    (await demo.api("GET", `/v1/project_tag?project_id=${demo.project.id}`)).objects
      .sort((a, b) => (a.position < b.position ? -1 : 1))
      .map((tag) => tag.name)
      .filter((name) => words.includes(name));
  expect(await order()).toEqual(words);
  await noor.getByRole("button", { name: `Move ${words[1]} up` }).click();
  await expect.poll(order).toEqual([...words].reverse());
  await noor.getByRole("button", { name: `Delete ${words[0]}` }).click();
  await expect.poll(order).toEqual([words[1]]);
  await noor.getByRole("button", { name: "Undo" }).click();
  await expect.poll(order).toEqual([...words].reverse());

  // Reviewers are offered them in that order.
  const view = await openTrace(noor, await demo.newTrace());
  await view.ready();
  await noor.keyboard.press("t");
  const offered = noor.getByRole("list", { name: "Tags to choose from" }).getByRole("button");
  await expect(offered.first()).toBeVisible();
  const names = await offered.allTextContents();
  expect(names.filter((name) => words.includes(name))).toEqual([...words].reverse());
  expect(noor.problems).toEqual([]);
});

test("a page of another origin gives feedback by the snippet, which the panel shows as external", async ({ demo, enter }) => {
  const slider = demo.score("slider");
  const trace = await demo.newTrace();
  const [shop, thief] = await Promise.all([Elsewhere.start(), Elsewhere.start()]);
  const noor = await enter("Noor");
  await noor.goto(section(demo, "feedback"));
  await noor.getByRole("button", { name: /New key/ }).click();
  const dialog = noor.getByRole("dialog", { name: "New feedback key" });
  await dialog.getByRole("checkbox", { name: slider.name, exact: true }).check();
  await dialog.getByRole("textbox", { name: "Pages that may use it" }).fill(shop.url);
  expect(await findings(noor)).toEqual([]);
  await dialog.getByRole("button", { name: "Make the key" }).click();
  const snippet = await noor.getByRole("group", { name: "snippet for a page" }).locator("pre").textContent();
  await noor.getByRole("button", { name: "I have it" }).click();
  const html = `<!doctype html><title>Shop</title>${snippet.replaceAll("ID OF THE ROW", trace.id)}`;
  [shop.html, thief.html] = [html, html];

  const visitor = await noor.context().browser().newContext();
  const page = await visitor.newPage();
  await page.goto(thief.url);
  const refused = page.waitForResponse((answer) => answer.url().endsWith("/feedback"));
  await page.getByRole("button", { name: "Good answer" }).click();
  expect((await refused).status()).toBe(403);
  await page.goto(shop.url);
  const taken = page.waitForResponse((answer) => answer.url().endsWith("/feedback"));
  await page.getByRole("button", { name: "Good answer" }).click();
  expect((await taken).status()).toBe(200);
  await visitor.close();

  const view = await openTrace(noor, trace);
  await expect(view.question(slider.name)).toContainText("100");
  const { state } = await demo.review(trace.id);
  const [[reviewer, scores]] = Object.entries(state.scores).filter(([key]) => key.startsWith("external:"));
  expect([reviewer.startsWith("external:"), scores]).toEqual([true, { [slider.name]: 1 }]);
  await Promise.all([shop.close(), thief.close()]);
  expect(noor.problems).toEqual([]);
});

test("a webhook is made, tried, told what happens, and its log says so", async ({ demo, enter }) => {
  const receiver = await Elsewhere.start();
  const trace = await demo.newTrace();
  const noor = await enter("Noor", { colorScheme: "light" });
  await noor.goto(section(demo, "webhooks"));
  await noor.getByRole("button", { name: /New webhook/ }).click();
  const dialog = noor.getByRole("dialog", { name: "New webhook" });
  await dialog.getByRole("textbox", { name: "Name" }).fill("Chat");
  await dialog.getByRole("textbox", { name: "URL" }).fill(receiver.url);
  expect(await findings(noor)).toEqual([]);
  await dialog.getByRole("button", { name: "Make the webhook" }).click();
  await expect(noor.getByRole("group", { name: "secret" })).toContainText("whsec_");
  await noor.getByRole("button", { name: "I have it" }).click();

  await noor.getByRole("button", { name: "Test Chat" }).click();
  await expect(noor.getByText("Chat took it")).toBeVisible();
  await demo.api("POST", "/api/review/bulk", {
    object_type: "project_logs",
    object_id: demo.project.id,
    row_ids: [trace.id],
    status: "complete",
  });
  await expect.poll(() => receiver.told.map(({ body }) => body.type)).toEqual(["webhook.test", "review.completed"]);
  const [, { headers, body }] = receiver.told;
  expect(headers["webhook-signature"]).toMatch(/^v1,/);
  expect(body.data.row_id).toBe(trace.id);
  await noor.getByRole("button", { name: "Log of Chat" }).click();
  const log = noor.getByRole("region", { name: "What Chat was told" });
  await expect(log.getByRole("row").filter({ hasText: "Review completed" })).toContainText("Delivered");
  expect(await findings(noor)).toEqual([]);
  await noor.goto(body.data.url);
  await noor.waitForURL(new RegExp(`/logs/${trace.id}`));

  await noor.goto(section(demo, "webhooks"));
  await noor.getByRole("button", { name: "Delete Chat" }).click();
  await noor.getByRole("button", { name: "Delete webhook" }).click();
  await expect(noor.getByText("No webhooks yet")).toBeVisible();
  await receiver.close();
  expect(noor.problems).toEqual([]);
});

for (const colorScheme of ["dark", "light"]) {
  test(`axe finds nothing on any section, ${colorScheme}`, async ({ demo, enter }) => {
    const noor = await enter("Noor", { colorScheme });
    for (const name of ["tags", "views", "members", "keys", "feedback", "webhooks"]) {
      await noor.goto(section(demo, name));
      await noor.getByRole("heading", { level: 2 }).first().waitFor();
      expect(await findings(noor), name).toEqual([]);
    }
  });
}
