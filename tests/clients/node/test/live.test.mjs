/** R5: snapshots and updates of `GET /live` tell what a recount tells. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addComment, setExpected, setScore, setStatus } from "../lib/edits.mjs";
import { LiveClient } from "../lib/live-client.mjs";
import { eventually } from "../lib/wait.mjs";
import { World } from "../lib/world.mjs";

test("R5 the figures move while people work, and the sum of all moves is the next snapshot", async (t) => {
  const world = await World.make(t, { rows: 4 });
  const { server, project } = world;
  const live = await LiveClient.connect(server, world.people.owner.key);
  t.after(() => live.close());
  const board = live.metrics("project_logs", project.id);
  await eventually("a snapshot", () => board.data);
  assert.equal(board.data.rows, 4);

  const eva = await world.review("eva");
  const noor = await world.review("noor");
  setScore(eva.handle, eva.me, "Quality", 0.2);
  await eventually("eva's judgement", () => board.data.scores.Quality?.mean === 0.2);
  setScore(noor.handle, noor.me, "Quality", 0.6);
  await eventually("both", () => board.data.scores.Quality.by_source.human.count === 2);
  assert.equal(board.data.scores.Quality.mean, 0.4);
  assert.equal(board.data.scores.Quality.count, 1);

  setScore(eva.handle, eva.me, "Verdict", 1);
  addComment(eva.handle, eva.me, "why");
  setExpected(noor.handle, "Tomorrow.");
  setStatus(noor.handle, noor.me, "complete");
  await eventually("all of it", () => board.data.comments === 1 && board.data.expected === 1 && board.data.review.complete === 1);
  assert.equal(board.data.scores.Verdict.count, 1);

  await world.log([{ input: "one more" }]);
  await eventually("a new row", () => board.data.rows === 5);

  // Withdrawn by both: the score vanishes and is told as null.
  setScore(eva.handle, eva.me, "Quality", null);
  setScore(noor.handle, noor.me, "Quality", null);
  await eventually("the score is gone", () => !board.data.scores.Quality || board.data.scores.Quality.count === 0);
  setScore(noor.handle, noor.me, "Quality", 1);
  await eventually("it is back", () => board.data.scores.Quality?.mean === 1);

  const later = live.metrics("project_logs", project.id);
  await eventually("a later snapshot", () => later.data);
  assert.deepEqual(later.data, board.data);
  assert.deepEqual(await server.api("GET", `/api/metrics?object_type=project_logs&object_id=${project.id}`), board.data);
});

test("a bad message gets a problem and the socket goes on", async (t) => {
  const world = await World.make(t);
  const live = await LiveClient.connect(world.server, world.people.owner.key);
  t.after(() => live.close());
  live.socket.send("this is not JSON");
  live.send({ type: "subscribe", id: "x", topic: { kind: "metrics", object_type: "project_logs", object_id: "00000000-0000-4000-8000-000000000000" } });
  await eventually("two problems", () => live.problems.length === 2);
  const board = live.metrics("project_logs", world.project.id);
  await eventually("a snapshot", () => board.data);
});

test("R8 feedback over the socket is acknowledged when stored; a repeat of its id changes nothing", async (t) => {
  const world = await World.make(t);
  const live = await LiveClient.connect(world.server, world.people.owner.key);
  t.after(() => live.close());
  const acks = [];
  live.socket.on("message", (text) => {
    const message = JSON.parse(text);
    if (message.type === "ack") acks.push(message.id);
  });
  const item = { id: world.rows[0], feedback_id: "6f1a7d2e-6c39-4f4f-9c86-1d6a4c1e7b10", scores: { thumbs: 1 }, comment: "thanks", metadata: { user_id: "u1" }, source: "external" };
  for (const id of ["f1", "f2"]) {
    live.send({ type: "feedback", id, object_type: "project_logs", object_id: world.project.id, feedback: [item] });
    await eventually(`the answer to ${id}`, () => acks.includes(id) || assert.deepEqual(live.problems, []));
  }
  const { events } = await world.server.api("POST", `/v1/project_logs/${world.project.id}/fetch`, { limit: 10 });
  assert.equal(events[0].scores.thumbs, 1);
  assert.deepEqual(events[0].comments.map((comment) => comment.text), ["thanks"]);
});
