/** What is asked of whom: conditions, people whom a score names, independent answers, scores that follow from others. */
import { randomUUID } from "node:crypto";
import { expect, openTrace, test } from "../support/demo.mjs";
import { findings } from "../support/axe.mjs";

test("what judges and others gave is seen once it is answered, where the project says so", async ({ demo, enter }) => {
  const score = demo.score("categorical");
  const [first] = score.categories;
  const id = randomUUID();
  await demo.api("POST", `/v1/project_logs/${demo.project.id}/insert`, {
    events: [{ id, span_id: id, root_span_id: id, input: "Do these run small?", output: "Yes.", scores: { [score.name]: first.value } }],
  });
  const trace = { id, url: `${demo.server.url}${demo.path}/logs/${id}` };
  // Noor is the demo's lead.
  const [noor, mei] = await Promise.all([enter("Noor"), enter("Mei")]);
  await noor.goto(`${demo.server.url}${demo.path}/configuration`);
  const independent = noor.getByRole("checkbox", { name: /Answer independently/ });
  await independent.check();
  await expect(independent).toBeChecked();
  try {
    const [noors, meis] = [await openTrace(noor, trace), await openTrace(mei, trace)];
    const automatic = mei.getByRole("article", { name: "Automatic scores" });
    await expect(automatic.getByText("after your answer")).toBeVisible();
    await noors.choose(score.name, first.name);
    await expect(meis.question(score.name).getByText("1 other person has answered")).toBeVisible();
    await expect(meis.judgementOf(score.name, demo.people.Noor.name)).toHaveCount(0);
    await expect(meis.panel.getByText(`set ${score.name}`, { exact: false })).toHaveCount(0);
    expect(await findings(mei)).toEqual([]);

    await meis.choose(score.name, first.name);
    await expect(meis.judgementOf(score.name, demo.people.Noor.name)).toBeVisible();
    await expect(automatic.getByText("after your answer")).toHaveCount(0);
  } finally {
    await demo.api("PATCH", `/v1/project/${demo.project.id}`, { settings: { independent_review: false } });
  }
  expect([...noor.problems, ...mei.problems]).toEqual([]);
});

test("a score is asked where its condition holds and of those whom it names", async ({ demo, enter }) => {
  const made = [];
  const score = async (name, config) =>
    made.push(
      await demo.api("POST", "/v1/project_score", { project_id: demo.project.id, name, score_type: "slider", config }),
    );
  try {
    const when = (clause) => ({ condition: { when: { clauses: [clause] }, behavior: "hidden" } });
    await score("Asked of sizes", when("input ilike '%small%'"));
    await score("Asked of colours", when("input ilike '%colour%'"));
    await score("Asked of Mei", { visibility: { users: [demo.people.Mei.id] } });
    const noors = await openTrace(await enter("Noor"), await demo.newTrace());
    await expect(noors.question("Asked of sizes")).toBeVisible();
    await expect(noors.question("Asked of colours")).toHaveCount(0);
    await expect(noors.question("Asked of Mei")).toHaveCount(0);
  } finally {
    for (const { id } of made) await demo.api("DELETE", `/v1/project_score/${id}`);
  }
});

test("computed scores stand in the panel and move with the answers", async ({ demo, enter }) => {
  const score = demo.score("categorical");
  const made = await demo.api("POST", "/v1/project_score", {
    project_id: demo.project.id,
    name: "Worst",
    score_type: "minimum",
    categories: [score.name],
  });
  try {
    const noors = await openTrace(await enter("Noor"), await demo.newTrace());
    const computed = noors.panel.getByRole("region", { name: "Computed scores" });
    await expect(computed).toContainText(`smallest of ${score.name}`);
    await expect(computed).toContainText("none yet");
    const [option] = score.categories;
    await noors.choose(score.name, option.name);
    await expect(computed).toContainText(`${Math.round(option.value * 100)}%`);
  } finally {
    await demo.api("DELETE", `/v1/project_score/${made.id}`);
  }
});
