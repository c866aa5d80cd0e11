/** The generated REST client `@braintrust/api`, with nothing but its base URL and key changed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Braintrust from "@braintrust/api";
import { OWNER, Server } from "../lib/server.mjs";

let server;
let client;
before(async () => {
  server = await Server.start();
  client = new Braintrust({ apiKey: OWNER.key, baseURL: server.url });
});
after(() => server.close());

const gathered = async (pages) => {
  const all = [];
  for await (const item of pages) all.push(item);
  return all;
};

test("projects and their logs", async () => {
  const project = await client.project.create({ name: "Logs" });
  assert.equal((await client.project.retrieve(project.id)).name, "Logs");
  assert.deepEqual((await gathered(client.project.list({ project_name: "Logs" }))).map((found) => found.id), [project.id]);
  const { logs } = client.project;
  const [row] = (await logs.insert(project.id, { events: [{ input: "in", output: "out" }] })).row_ids;
  await logs.feedback(project.id, { feedback: [{ id: row, scores: { correctness: 1 }, comment: "said by REST", source: "app" }] });
  const [event] = (await logs.fetchPost(project.id, { limit: 5 })).events;
  assert.deepEqual([event.id, event.scores, event.comments[0].text], [row, { correctness: 1 }, "said by REST"]);
  assert.deepEqual((await logs.fetch(project.id, { limit: 5 })).events.map((found) => found.id), [row]);
});

test("experiments and datasets are made, filled, judged and read", async () => {
  const project = await client.project.create({ name: "Made" });
  for (const kind of ["experiment", "dataset"]) {
    const resource = client[kind];
    const made = await resource.create({ project_id: project.id, name: "May" });
    assert.equal((await resource.create({ project_id: project.id, name: "May" })).id, made.id);
    const [row] = (await resource.insert(made.id, { events: [{ input: "q", expected: "a" }] })).row_ids;
    await resource.feedback(made.id, { feedback: [{ id: row, expected: "better", tags: ["hard"] }] });
    const events = [(await resource.fetch(made.id, { limit: 5 })).events, (await resource.fetchPost(made.id, { limit: 5 })).events];
    for (const [event] of events) assert.deepEqual([event.id, event.expected, event.tags], [row, "better", ["hard"]]);
    assert.equal((await resource.retrieve(made.id)).name, "May");
  }
});

test("flags and assignments merged into metadata of experiments and datasets are shown as columns", async () => {
  const project = await client.project.create({ name: "Flagged" });
  const [owner] = (await server.api("GET", "/api/member")).members;
  const metadata = {
    "~__bt_review_lists": { __bt_default_review_list: { status: "PENDING" } },
    "~__bt_assignments": [owner.id],
  };
  const paths = Object.keys(metadata).map((key) => ["metadata", key]);
  for (const kind of ["experiment", "dataset"]) {
    const resource = client[kind];
    const { id } = await resource.create({ project_id: project.id, name: "June" });
    await resource.insert(id, { events: [{ id: "row", input: "q" }] });
    await resource.insert(id, { events: [{ id: "row", _is_merge: true, metadata, _merge_paths: paths }] });
    const [event] = (await resource.fetchPost(id, { limit: 5 })).events;
    const lists = { __bt_default_review_list: { status: "PENDING" } };
    assert.deepEqual([event.__bt_review_lists, event.__bt_assignments, event.review.status], [lists, [owner.id], "awaiting"]);
  }
});
