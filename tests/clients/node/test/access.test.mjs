/** Who sees and writes what. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addComment, setScore } from "../lib/edits.mjs";
import { SyncClient } from "../lib/sync-client.mjs";
import { eventually, sleep } from "../lib/wait.mjs";
import { World } from "../lib/world.mjs";

test("a viewer sees the review live and writes nothing", async (t) => {
  const world = await World.make(t, { people: { eva: "reviewer", vik: "viewer" } });
  const eva = await world.review("eva");
  const vik = await world.connect("vik");
  const handle = await vik.find(eva.url);
  setScore(eva.handle, eva.me, "Quality", 0.5);
  await eventually("vik sees it", () => handle.doc().scores[eva.me].Quality === 0.5);
  assert.deepEqual(Object.keys(handle.doc().scores), [eva.me]);

  const comment = addComment(handle, world.people.vik.id, "from a viewer");
  setScore(eva.handle, eva.me, "Quality", 0.6);
  await eva.client.whenSaved(eva.handle);
  await eventually("vik still follows", () => handle.doc().scores[eva.me].Quality === 0.6);
  await sleep(500);
  assert.equal(eva.handle.doc().comments[comment], undefined);
  const { state } = await world.stored(eva.document_id);
  assert.deepEqual(state.comments, {});
});

test("another organization finds neither document nor row nor project", async (t) => {
  const world = await World.make(t);
  const eva = await world.review("eva");
  const printed = world.server.command("org", "add", "rivals", "--owner-email", "spy@rivals.example", "--owner-password", "a rival pass phrase");
  const key = printed.match(/sk-[\w-]+/)?.[0];
  assert.ok(key, `org add prints its owner's key: ${printed}`);

  const spy = await SyncClient.connect(world.server, { name: "spy", key });
  world.clients.push(spy);
  await assert.rejects(spy.repo.find(eva.url), /unavailable/);

  const { project, rows, server } = world;
  const open = { object_type: "project_logs", object_id: project.id, row_id: rows[0] };
  const calls = [
    ["POST", "/api/review/open", open],
    ["GET", `/api/review/${eva.document_id}`],
    ["GET", `/api/review/${eva.document_id}/history`],
    ["GET", `/v1/project/${project.id}`],
    ["POST", `/v1/project_logs/${project.id}/fetch`, {}],
    ["POST", `/v1/project_logs/${project.id}/insert`, { events: [{ input: "planted" }] }],
    ["GET", `/api/trace?object_type=project_logs&object_id=${project.id}`],
    ["GET", `/api/metrics?object_type=project_logs&object_id=${project.id}`],
  ];
  for (const [method, path, body] of calls) {
    const { status } = await server.call(method, path, body, key);
    assert.equal(status, 404, `${method} ${path}`);
  }
});

test("a removed member loses the open connection and cannot come back", async (t) => {
  const world = await World.make(t);
  const eva = await world.review("eva");
  eva.client.hold();
  await world.server.api("DELETE", `/api/member/${eva.me}`);
  await eventually("eva is disconnected", () => eva.client.online === false);
  const { status } = await world.server.call("POST", "/api/ticket", {}, world.people.eva.key);
  assert.equal(status, 401);
});

test("a removed key loses its connection, the member's other key keeps its own", async (t) => {
  const world = await World.make(t);
  const extra = await world.server.api("POST", "/api/key", { name: "second", member_id: world.people.eva.id });
  const eva = await world.review("eva");
  const other = await SyncClient.connect(world.server, { ...world.people.eva, key: extra.key });
  world.clients.push(other);
  other.hold();
  await world.server.api("DELETE", `/api/key/${extra.id}`);
  await eventually("the second is disconnected", () => other.online === false);
  setScore(eva.handle, eva.me, "Quality", 0.5);
  await eva.client.whenSaved(eva.handle);
  assert.equal(eva.client.adapter.closes.length, 0);
});
