/** Two people, two browsers, one trace. */
import { randomUUID } from "node:crypto";
import { expect, openTrace, test } from "../support/demo.mjs";

test("a score given by one is seen by the other", async ({ demo, enter }, info) => {
  const trace = await demo.newTrace();
  const [noor, mei] = await Promise.all([enter("Noor"), enter("Mei")]);
  const [noors, meis] = [await openTrace(noor, trace), await openTrace(mei, trace)];
  const score = demo.score("categorical");
  const option = score.categories[0].name;

  await expect(noor.getByRole("group", { name: /^Here now: .*Mei/ })).toBeVisible();
  const start = performance.now();
  await meis.choose(score.name, option);
  await noors.judgementOf(score.name, demo.people.Mei.name).waitFor();
  const took = performance.now() - start;
  info.annotations.push({ type: "measured", description: `press to the other screen: ${took.toFixed(0)} ms` });
  console.log(`    press on one screen to the judgement on the other: ${took.toFixed(0)} ms`);

  await expect(meis.question(score.name).getByRole("radio", { name: option })).toBeChecked();
  await meis.synced();
  const { state } = await demo.review(trace.id);
  expect(state.scores[demo.people.Mei.id][score.name]).toBe(score.categories[0].value);
  expect([...noor.problems, ...mei.problems]).toEqual([]);
});

test("a slider moved by keys reaches the other and the stored review", async ({ demo, enter }) => {
  const trace = await demo.newTrace();
  const [noor, mei] = await Promise.all([enter("Noor"), enter("Mei")]);
  const [noors, meis] = [await openTrace(noor, trace), await openTrace(mei, trace)];
  const score = demo.score("slider");
  const field = meis.question(score.name).getByRole("textbox", { name: `${score.name}, in percent` });
  await field.fill("70");
  await field.press("Enter");
  await meis.question(score.name).getByRole("slider").press("ArrowRight");
  await expect(noors.question(score.name).getByText("71%")).toBeVisible();
  await meis.synced();
  const { state } = await demo.review(trace.id);
  expect(state.scores[demo.people.Mei.id][score.name]).toBe(0.71);
});

test("both type into one expected value and no letter is lost", async ({ demo, enter }) => {
  const trace = await demo.newTrace({ output: "They run half a size small." });
  const [noor, mei] = await Promise.all([enter("Noor"), enter("Mei")]);
  const [noors, meis] = [await openTrace(noor, trace), await openTrace(mei, trace)];
  await noors.edit();
  await noor.keyboard.press("End");
  await noor.keyboard.type(" ");
  await meis.edit();
  await meis.expectText("They run half a size small. ");
  await mei.keyboard.press("ControlOrMeta+Home");

  const noorWords = "Order one size up if you are unsure.";
  const meiWords = "Good question! ";
  await Promise.all([noor.keyboard.type(noorWords, { delay: 25 }), mei.keyboard.type(meiWords, { delay: 40 })]);

  const whole = `${meiWords}They run half a size small. ${noorWords}`;
  await noors.expectText(whole);
  await meis.expectText(whole);
  await Promise.all([noors.synced(), meis.synced()]);
  const { state, conflicts } = await demo.review(trace.id);
  expect(state.expected).toEqual({ set: true, value: whole });
  expect(conflicts).toEqual([]);

  // Undo takes back one's own words only.
  await mei.keyboard.press("ControlOrMeta+z");
  await noors.expectText(expect.stringMatching(new RegExp(`${noorWords.replaceAll(".", "\\.")}$`)));
  expect([...noor.problems, ...mei.problems]).toEqual([]);
});

test("work done offline arrives with the return, beside what the others did meanwhile", async ({ demo, enter }) => {
  const trace = await demo.newTrace();
  const [noor, mei] = await Promise.all([enter("Noor"), enter("Mei")]);
  const [noors, meis] = [await openTrace(noor, trace), await openTrace(mei, trace)];
  const choice = demo.score("categorical");
  const slider = demo.score("slider");

  await noor.context().setOffline(true);
  await noors.choose(choice.name, choice.categories[0].name);
  await noors.say("Written in a tunnel.");
  await expect(noor.getByText(/Offline|Reconnecting/).first()).toBeVisible();
  await meis.say("Written at a desk.");
  const field = meis.question(slider.name).getByRole("textbox", { name: `${slider.name}, in percent` });
  await field.fill("30");
  await field.press("Enter");
  await meis.synced();
  await expect(noors.discussion.getByText("Written at a desk.")).toHaveCount(0);

  await noor.context().setOffline(false);
  for (const view of [noors, meis]) {
    await expect(view.discussion.getByText("Written in a tunnel.")).toBeVisible({ timeout: 30_000 });
    await expect(view.discussion.getByText("Written at a desk.")).toBeVisible();
  }
  await noors.synced();
  await expect(meis.judgementOf(choice.name, demo.people.Noor.name)).toBeVisible();

  const { state, history } = await demo.review(trace.id);
  expect(state.scores[demo.people.Noor.id][choice.name]).toBe(choice.categories[0].value);
  expect(state.scores[demo.people.Mei.id][slider.name]).toBe(0.3);
  expect(Object.values(state.comments).map((comment) => comment.text).sort()).toEqual(["Written at a desk.", "Written in a tunnel."]);

  // Each fact names who it is from.
  const by = history.filter((entry) => entry.source !== "server").map((entry) => [entry.path.split("/")[1], entry.actor.name]);
  expect(by.filter(([part]) => part === "scores").map(([, name]) => name).sort()).toEqual([demo.people.Noor.name, demo.people.Mei.name].sort());
  const comments = history.filter((entry) => /^\/comments\/[^/]+$/.test(entry.path));
  for (const entry of comments) {
    const author = entry.to.text === "Written in a tunnel." ? demo.people.Noor : demo.people.Mei;
    expect(entry.actor).toMatchObject({ id: author.id, name: author.name });
  }
  expect(comments).toHaveLength(2);
  await noor.getByRole("tab", { name: "Activity" }).click();
  await expect(noor.getByRole("tabpanel").getByText(demo.people.Mei.name).first()).toBeVisible();
  await expect(noor.getByRole("tabpanel").getByText(demo.people.Noor.name).first()).toBeVisible();
});

test("the figures above the list move while somebody scores", async ({ demo, enter }) => {
  const trace = await demo.newTrace();
  const [noor, mei] = await Promise.all([enter("Noor"), enter("Mei")]);
  const score = demo.score("slider");
  await noor.goto(`${demo.server.url}${demo.path}/logs`);
  const figures = noor.getByRole("region", { name: "Figures" }).getByRole("region", { name: score.name, exact: true });
  await expect(figures).toBeVisible();
  const rowsOf = async () => Number((await figures.innerText()).match(/([\d,]+) rows?/)?.[1].replace(",", "") ?? 0);
  const before = await rowsOf();

  const meis = await openTrace(mei, trace);
  const field = meis.question(score.name).getByRole("textbox", { name: `${score.name}, in percent` });
  await field.fill("90");
  await field.press("Enter");
  await expect.poll(rowsOf).toBe(before + 1);
  await expect(figures).toContainText("People");
});

test("a link that an SDK prints leads to the trace, also before the row has come", async ({ demo, enter }) => {
  const noor = await enter("Noor");
  const link = (id) => `${demo.server.url}/app/${encodeURIComponent(demo.organization.name)}/object?object_type=project_logs&object_id=${demo.project.id}&id=${id}`;
  const trace = await demo.newTrace({ output: "Found by its link." });
  await noor.goto(link(trace.id));
  await expect(noor.getByText("Found by its link.").first()).toBeVisible();

  const late = randomUUID();
  await noor.goto(link(late));
  await expect(noor.getByText(/wait|not (yet )?arrived|not here yet/i).first()).toBeVisible();
  await demo.newTrace({ id: late, output: "Arrived after its link." });
  await expect(noor.getByText("Arrived after its link.").first()).toBeVisible({ timeout: 30_000 });
});
