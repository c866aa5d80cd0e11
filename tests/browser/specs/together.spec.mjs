/** Two people, two browsers, one trace. */
import { randomUUID } from "node:crypto";
import { expect, openTrace, test } from "../support/demo.mjs";

test("a score given by one is seen by the other", async ({ demo, enter }, info) => {
  const trace = await demo.newTrace();
  const [eva, noor] = await Promise.all([enter("Eva"), enter("Noor")]);
  const [evas, noors] = [await openTrace(eva, trace), await openTrace(noor, trace)];
  const score = demo.score("categorical");
  const option = score.categories[0].name;

  await expect(eva.getByRole("group", { name: /^Here now: .*Noor/ })).toBeVisible();
  const start = performance.now();
  await noors.choose(score.name, option);
  await evas.judgementOf(score.name, demo.people.Noor.name).waitFor();
  const took = performance.now() - start;
  info.annotations.push({ type: "measured", description: `press to the other screen: ${took.toFixed(0)} ms` });
  console.log(`    press on one screen to the judgement on the other: ${took.toFixed(0)} ms`);

  await expect(noors.question(score.name).getByRole("radio", { name: option })).toBeChecked();
  await noors.synced();
  const { state } = await demo.review(trace.id);
  expect(state.scores[demo.people.Noor.id][score.name]).toBe(score.categories[0].value);
  expect([...eva.problems, ...noor.problems]).toEqual([]);
});

test("a slider moved by keys reaches the other and the stored review", async ({ demo, enter }) => {
  const trace = await demo.newTrace();
  const [eva, noor] = await Promise.all([enter("Eva"), enter("Noor")]);
  const [evas, noors] = [await openTrace(eva, trace), await openTrace(noor, trace)];
  const score = demo.score("slider");
  const field = noors.question(score.name).getByRole("textbox", { name: `${score.name}, in percent` });
  await field.fill("70");
  await field.press("Enter");
  await noors.question(score.name).getByRole("slider").press("ArrowRight");
  await expect(evas.question(score.name).getByText("71%")).toBeVisible();
  await noors.synced();
  const { state } = await demo.review(trace.id);
  expect(state.scores[demo.people.Noor.id][score.name]).toBe(0.71);
});

test("both type into one expected value and no letter is lost", async ({ demo, enter }) => {
  const trace = await demo.newTrace({ output: "They run half a size small." });
  const [eva, noor] = await Promise.all([enter("Eva"), enter("Noor")]);
  const [evas, noors] = [await openTrace(eva, trace), await openTrace(noor, trace)];
  await evas.edit();
  await eva.keyboard.press("End");
  await eva.keyboard.type(" ");
  await noors.edit();
  await expect(noors.expected).toHaveText(/^They run half a size small\.\s?$/);
  await noor.keyboard.press("ControlOrMeta+Home");

  const evaWords = "Order one size up if you are unsure.";
  const noorWords = "Good question! ";
  await Promise.all([eva.keyboard.type(evaWords, { delay: 25 }), noor.keyboard.type(noorWords, { delay: 40 })]);

  const whole = `${noorWords}They run half a size small. ${evaWords}`;
  await expect(evas.expected).toHaveText(whole);
  await expect(noors.expected).toHaveText(whole);
  await Promise.all([evas.synced(), noors.synced()]);
  const { state, conflicts } = await demo.review(trace.id);
  expect(state.expected).toEqual({ set: true, value: whole });
  expect(conflicts).toEqual([]);

  // Undo takes back one's own words only.
  await noor.keyboard.press("ControlOrMeta+z");
  await expect(evas.expected).toHaveText(new RegExp(`${evaWords.replace(/[.]/g, "\\.")}$`));
  expect([...eva.problems, ...noor.problems]).toEqual([]);
});

test("work done offline arrives with the return, beside what the others did meanwhile", async ({ demo, enter }) => {
  const trace = await demo.newTrace();
  const [eva, noor] = await Promise.all([enter("Eva"), enter("Noor")]);
  const [evas, noors] = [await openTrace(eva, trace), await openTrace(noor, trace)];
  const choice = demo.score("categorical");
  const slider = demo.score("slider");

  await eva.context().setOffline(true);
  await evas.choose(choice.name, choice.categories[0].name);
  await evas.say("Written in a tunnel.");
  await expect(eva.getByText(/Offline|Reconnecting/).first()).toBeVisible();
  await noors.say("Written at a desk.");
  const field = noors.question(slider.name).getByRole("textbox", { name: `${slider.name}, in percent` });
  await field.fill("30");
  await field.press("Enter");
  await noors.synced();
  await expect(evas.discussion.getByText("Written at a desk.")).toHaveCount(0);

  await eva.context().setOffline(false);
  for (const view of [evas, noors]) {
    await expect(view.discussion.getByText("Written in a tunnel.")).toBeVisible({ timeout: 30_000 });
    await expect(view.discussion.getByText("Written at a desk.")).toBeVisible();
  }
  await evas.synced();
  await expect(noors.judgementOf(choice.name, demo.people.Eva.name)).toBeVisible();

  const { state, history } = await demo.review(trace.id);
  expect(state.scores[demo.people.Eva.id][choice.name]).toBe(choice.categories[0].value);
  expect(state.scores[demo.people.Noor.id][slider.name]).toBe(0.3);
  expect(Object.values(state.comments).map((comment) => comment.text).sort()).toEqual(["Written at a desk.", "Written in a tunnel."]);

  // Each fact names who it is from.
  const by = history.filter((entry) => entry.source !== "server").map((entry) => [entry.path.split("/")[1], entry.actor.name]);
  expect(by.filter(([part]) => part === "scores").map(([, name]) => name).sort()).toEqual([demo.people.Eva.name, demo.people.Noor.name].sort());
  const comments = history.filter((entry) => /^\/comments\/[^/]+$/.test(entry.path));
  for (const entry of comments) {
    const author = entry.to.text === "Written in a tunnel." ? demo.people.Eva : demo.people.Noor;
    expect(entry.actor).toMatchObject({ id: author.id, name: author.name });
  }
  expect(comments).toHaveLength(2);
  await eva.getByRole("tab", { name: "Activity" }).click();
  await expect(eva.getByRole("tabpanel").getByText(demo.people.Noor.name).first()).toBeVisible();
  await expect(eva.getByRole("tabpanel").getByText(demo.people.Eva.name).first()).toBeVisible();
});

test("the figures above the list move while somebody scores", async ({ demo, enter }) => {
  const trace = await demo.newTrace();
  const [eva, noor] = await Promise.all([enter("Eva"), enter("Noor")]);
  const score = demo.score("slider");
  await eva.goto(`${demo.server.url}${demo.path}/logs`);
  const figures = eva.getByRole("region", { name: "Figures" }).getByRole("region", { name: score.name, exact: true });
  await expect(figures).toBeVisible();
  const rowsOf = async () => Number((await figures.innerText()).match(/([\d,]+) rows?/)?.[1].replace(",", "") ?? 0);
  const before = await rowsOf();

  const noors = await openTrace(noor, trace);
  const field = noors.question(score.name).getByRole("textbox", { name: `${score.name}, in percent` });
  await field.fill("90");
  await field.press("Enter");
  await expect.poll(rowsOf).toBe(before + 1);
  await expect(figures).toContainText(/human/i);
});

test("a link that an SDK prints leads to the trace, also before the row has come", async ({ demo, enter }) => {
  const eva = await enter("Eva");
  const link = (id) => `${demo.server.url}/app/${demo.organization.name}/object?object_type=project_logs&object_id=${demo.project.id}&id=${id}`;
  const trace = await demo.newTrace({ output: "Found by its link." });
  await eva.goto(link(trace.id));
  await expect(eva.getByText("Found by its link.").first()).toBeVisible();

  const late = randomUUID();
  await eva.goto(link(late));
  await expect(eva.getByText(/wait|not (yet )?arrived|not here yet/i).first()).toBeVisible();
  await demo.newTrace({ id: late, output: "Arrived after its link." });
  await expect(eva.getByText("Arrived after its link.").first()).toBeVisible({ timeout: 30_000 });
});
