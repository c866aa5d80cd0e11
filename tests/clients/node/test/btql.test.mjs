/** Reading back with stock JavaScript clients: the SDK's fetchers, which send queries as trees, and the REST client's filters. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Braintrust from "@braintrust/api";
import { LocalTrace, init, initDataset, initLogger } from "braintrust";
import { World } from "../lib/world.mjs";

const cleanups = [];
let world;
let common;

before(async () => {
  world = await World.make({ after: (close) => cleanups.push(close) });
  common = { apiKey: world.people.owner.key, appUrl: world.server.url, forceLogin: true };
});

after(async () => {
  for (const close of cleanups) await close();
});

test("dataset.fetch() reads what was inserted; filter, sort and limit narrow it", async () => {
  const make = (more) => initDataset({ project: "Sets", dataset: "questions", ...common, ...more });
  const dataset = make();
  for (let n = 0; n < 5; n += 1) dataset.insert({ id: `q${n}`, input: { n }, expected: n % 2, metadata: { category: n < 2 ? "premium" : "basic" } });
  await dataset.flush();
  const rows = [];
  for await (const row of dataset.fetch({ batchSize: 2 })) rows.push(row);
  assert.deepEqual(rows.map((row) => row.id).sort(), ["q0", "q1", "q2", "q3", "q4"]);
  assert.equal(rows.find((row) => row.id === "q3").expected, 1);

  const version = rows.map((row) => row._xact_id).sort().at(-1);
  dataset.update({ id: "q0", expected: "changed" });
  dataset.delete("q1");
  await dataset.flush();
  const before = await make({ version }).fetchedData();
  assert.deepEqual(before.map((row) => [row.id, row.expected]).sort(), [["q0", 0], ["q1", 1], ["q2", 0], ["q3", 1], ["q4", 0]]);
  assert.equal((await make().fetchedData()).length, 4);

  const _internal_btql = {
    filter: { btql: "metadata.category = 'basic'" },
    sort: [{ expr: { btql: "input.n" }, dir: "desc" }],
    limit: 2,
  };
  const some = await make({ _internal_btql }).fetchedData();
  assert.deepEqual(some.map((row) => row.id), ["q4", "q3"]);
  const both = [{ btql: "metadata.category = 'basic'" }, { op: "eq", left: { op: "ident", name: ["expected"] }, right: { op: "literal", value: 1 } }];
  assert.deepEqual((await make({ _internal_btql: { filter: both } }).fetchedData()).map((row) => row.id), ["q3"]);
});

test("experiment.fetch() and asDataset() read what was logged", async () => {
  const experiment = init({ project: "Runs", experiment: "first", ...common });
  for (let n = 0; n < 3; n += 1) experiment.log({ input: { n }, output: n, expected: n, scores: { exact: n / 2 } });
  await experiment.flush();
  const rows = [];
  for await (const row of experiment.fetch()) rows.push(row);
  assert.deepEqual(rows.map((row) => row.output).sort(), [0, 1, 2]);
  assert.ok(rows.every((row) => row.is_root));

  const opened = init({ project: "Runs", experiment: "first", open: true, ...common });
  const cases = [];
  for await (const row of opened.asDataset()) cases.push(row);
  assert.deepEqual(cases.map((row) => row.expected).sort(), [0, 1, 2]);
});

test("trace.getSpans() finds the spans of a trace by type, name, error, metadata and duration", async () => {
  const log = initLogger({ projectId: world.project.id, ...common, setCurrent: false, noExitFlush: true });
  const root = log.startSpan({ name: "root" });
  const span = (name, type, more, seconds) => {
    const child = root.startSpan({ name, type, startTime: 100 });
    child.log(more);
    child.end({ endTime: 100 + seconds });
  };
  span("call", "llm", { metadata: { model: "a" } }, 1);
  span("slow call", "llm", { metadata: { model: "b" } }, 9);
  span("look up", "tool", { error: "broke" }, 2);
  const scorer = root.startSpan({ name: "exact", type: "score", spanAttributes: { purpose: "scorer" } });
  scorer.end();
  root.end();
  await log.flush();
  const spans = async (options) => {
    const trace = new LocalTrace({ objectType: "project_logs", objectId: world.project.id, rootSpanId: root.rootSpanId, state: log.loggingState });
    return (await trace.getSpans(options)).map((found) => found.span_attributes.name).sort();
  };
  assert.deepEqual(await spans(), ["call", "look up", "root", "slow call"]);
  assert.deepEqual(await spans({ includeScorers: true, filters: { spanType: ["score", "tool"] } }), ["exact", "look up"]);
  assert.deepEqual(await spans({ filters: { hasError: true } }), ["look up"]);
  assert.deepEqual(await spans({ filters: { metadata: { model: "b" } } }), ["slow call"]);
  assert.deepEqual(await spans({ filters: { spanType: ["llm"], duration: { max: 5 } } }), ["call"]);
});

test("@braintrust/api: fetch with a filter, in the forms that reach the server", async () => {
  const client = new Braintrust({ apiKey: world.people.owner.key, baseURL: world.server.url });
  const project = await client.project.create({ name: "Rest filters" });
  await client.project.logs.insert(project.id, {
    events: [0.5, 0.9].map((score) => ({ id: `s${score}`, input: score, scores: { Preference: score } })),
  });
  const ids = (answer) => answer.events.map((event) => event.id);
  const query = "scores.Preference > 0.75";
  assert.deepEqual(ids(await client.project.logs.fetch(project.id, { query, limit: 5 })), ["s0.9"]);
  assert.deepEqual(ids(await client.project.logs.fetch(project.id, {}, { query: { query } })), ["s0.9"]);
  assert.deepEqual(ids(await client.project.logs.fetchPost(project.id, { limit: 3, query })), ["s0.9"]);
  const lookup = [{ type: "path_lookup", path: ["scores", "Preference"], value: 0.5 }];
  assert.deepEqual(ids(await client.project.logs.fetchPost(project.id, { limit: 3, filters: lookup })), ["s0.5"]);
  await assert.rejects(client.project.logs.fetchPost(project.id, { limit: 3, query: "scores.Preference >" }), /line 1, column 20/);
});

test("flags and assignments that a REST client merges into metadata are decisions of the review", async () => {
  const client = new Braintrust({ apiKey: world.people.owner.key, baseURL: world.server.url });
  const [row] = world.rows;
  const metadata = {
    "~__bt_review_lists": { __bt_default_review_list: { status: "PENDING" } },
    "~__bt_assignments": [world.people.eva.id],
  };
  const paths = Object.keys(metadata).map((key) => ["metadata", key]);
  await client.project.logs.insert(world.project.id, { events: [{ id: row, _is_merge: true, metadata, _merge_paths: paths }] });
  const { events } = await client.project.logs.fetchPost(world.project.id, { limit: 5, query: `__bt_assignments includes '${world.people.eva.id}'` });
  assert.deepEqual(events.map((event) => [event.id, event.__bt_assignments, event.review.status]), [[row, [world.people.eva.id], "awaiting"]]);
  const opened = await world.open("eva", row);
  const { state } = await world.stored(opened.document_id);
  assert.equal(state.status.value, "awaiting");
  assert.deepEqual(Object.keys(state.assignees), [world.people.eva.id]);
});
