/** Experiments, datasets and `Eval` of the stock TypeScript SDK, pointed at Concord by its URL and key alone. */
import assert from "node:assert/strict";
import { before, after, test } from "node:test";
import { Eval, init, initDataset, login } from "braintrust";
import { OWNER, Server } from "../lib/server.mjs";

/** One server for the file: nothing here depends on what another test wrote. */
let server;
before(async () => {
  server = await Server.start();
  await login({ appUrl: server.url, apiKey: OWNER.key, forceLogin: true });
});
after(() => server.close());

const options = () => ({ appUrl: server.url, apiKey: OWNER.key, setCurrent: false });
const rows = async (kind, id, more = {}) => {
  const { events } = await server.api("POST", `/v1/${kind}/${id}/fetch`, { limit: 1000, ...more });
  return new Map(events.map((event) => [event.id, event]));
};

test("an experiment is logged, judged, closed and found again", async () => {
  const experiment = init("Shoe Shop / EU", { ...options(), experiment: "May", metadata: { model: "small" } });
  const row = experiment.log({ input: "in", output: "out", scores: { exact: 1, tone: 0.5 }, tags: ["t"] });
  await experiment.flush();
  experiment.logFeedback({ id: row, scores: { tone: 1 }, comment: "better than it looks", source: "app" });
  await experiment.flush();
  const id = await experiment.id;
  const event = (await rows("experiment", id)).get(row);
  assert.deepEqual(event.scores, { exact: 1, tone: 1 });
  assert.equal(event.comments[0].text, "better than it looks");
  const again = init("Shoe Shop / EU", { ...options(), experiment: "May", update: true });
  assert.equal(await again.id, id);
  const second = init("Shoe Shop / EU", { ...options(), experiment: "May" });
  assert.match(await second.name, /^May-[0-9a-f]{8}$/);
  const opened = init("Shoe Shop / EU", { ...options(), experiment: "May", open: true });
  assert.equal(await opened.id, id);
});

test("a summary compares input by input; a base that is not there costs nothing", async () => {
  const project = "Comparisons";
  const base = init(project, { ...options(), experiment: "Base", baseExperiment: "Nowhere" });
  for (const input of ["a", "b", "c"]) base.log({ input, output: "", scores: { exact: 0.5 } });
  await base.flush();
  const now = init(project, { ...options(), experiment: "Now", baseExperiment: "Base" });
  for (const [input, exact] of [["a", 0.75], ["b", 0.25], ["c", 0.5]]) now.log({ input, output: "", scores: { exact } });
  const summary = await now.summarize();
  assert.equal(summary.comparisonExperimentName, "Base");
  const { score, diff, improvements, regressions } = summary.scores.exact;
  assert.deepEqual([score, diff, improvements, regressions], [0.5, 0, 1, 1]);
  assert.equal(summary.metrics.duration.unit, "s");
  const organization = (await server.api("GET", "/api/session")).organization.name;
  assert.equal(summary.experimentUrl, `${server.url}/app/${organization}/p/Comparisons/experiments/Now`);
});

test("Eval ends with a summary that is right", async () => {
  const data = () => ["one", "two", "three", "four"].map((input) => ({ input, expected: input.toUpperCase() }));
  const exact = ({ output, expected }) => ({ name: "exact", score: output === expected ? 1 : 0 });
  const evaluation = { data, scores: [exact], task: (input) => (input === "two" ? input : input.toUpperCase()) };
  const result = await Eval("Words", { ...evaluation, experimentName: "First" }, { progress: { start() {}, increment() {}, stop() {} } });
  assert.equal(result.summary.scores.exact.score, 0.75);
  assert.equal(result.summary.experimentName, "First");
});

test("a dataset is filled, changed, emptied, counted and read as it was", async () => {
  const dataset = initDataset("Cases", { ...options(), dataset: "Golden set", description: "by hand" });
  const id = await dataset.id;
  dataset.insert({ id: "a", input: { q: 1 }, expected: "x", metadata: { n: 1 } });
  dataset.insert({ id: "b", input: { q: 2 } });
  await dataset.flush();
  const first = await rows("dataset", id);
  assert.deepEqual([...first.keys()].sort(), ["a", "b"]);
  const version = [...first.values()].map((event) => event._xact_id).sort().at(-1);
  dataset.update({ id: "a", expected: "y", metadata: { m: 2 } });
  dataset.delete("b");
  await dataset.flush();
  const now = await rows("dataset", id);
  assert.deepEqual([...now.keys()], ["a"]);
  assert.deepEqual(now.get("a").metadata, { n: 1, m: 2 });
  const then = await rows("dataset", id, { version });
  assert.deepEqual([then.get("a").expected, then.size], ["x", 2]);
  const summary = await dataset.summarize();
  assert.equal(summary.dataSummary.totalRecords, 1);
  const byId = initDataset({ ...options(), project: "Cases", dataset: "Golden set" });
  assert.equal(await byId.id, id);
});
