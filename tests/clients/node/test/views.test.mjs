/** Live views over `GET /live`: rows enter, change and leave another person's view the moment somebody's work makes it so. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { setScore } from "../lib/edits.mjs";
import { LiveClient } from "../lib/live-client.mjs";
import { eventually } from "../lib/wait.mjs";
import { World } from "../lib/world.mjs";

/** Follows a view; the returned `{rows, total}` stays up to date: rows by id, in the order of arrival. */
async function follow(world, person, filter, { limit = 100, object_type = "project_logs", object_id = world.project.id } = {}) {
  const client = await LiveClient.connect(world.server, world.people[person].key);
  world.clients.push(client);
  return client.view({ object_type, object_id, filter, limit });
}

const ids = (view) => view.rows?.map((row) => row.id);

test("a row enters another person's view by a score, changes, and leaves", async (t) => {
  const world = await World.make(t, { rows: 3 });
  const [row] = world.rows;
  const good = await follow(world, "noor", "scores.Quality > 0.75");
  const all = await follow(world, "noor", "");
  await eventually("both snapshots", () => good.rows && all.rows);
  assert.deepEqual([ids(good), good.total, good.total_is], [[], 0, "exact"]);
  assert.deepEqual(ids(all).sort(), [...world.rows].sort());
  const shown = all.rows.find((shown) => shown.id === row);
  assert.deepEqual([shown.root_span_id.length > 0, shown.is_root, shown.review.status], [true, true, "none"]);

  const { handle, me } = await world.review("eva", { row });
  setScore(handle, me, "Quality", 0.9);
  await eventually("it entered", () => ids(good).includes(row));
  assert.deepEqual([good.rows[0].scores.Quality, good.total], [0.9, 1]);
  setScore(handle, me, "Quality", 0.8);
  await eventually("it changed", () => good.rows[0]?.scores.Quality === 0.8);
  setScore(handle, me, "Quality", 0.2);
  await eventually("it left", () => good.total === 0);
  assert.deepEqual(ids(good), []);
  await eventually("all saw it change", () => all.rows.find((shown) => shown.id === row).scores.Quality === 0.2);
  assert.equal(all.total, 3);
});

test("a burst of writes, deletions and merges leaves what a fresh follower sees", async (t) => {
  const world = await World.make(t, { rows: 0 });
  const filters = ["tags includes 'late'", "scores.Tone < 0.5 and metadata.kind = 'a'", "comment match 'again'", "scores.Tone is null", ""];
  const views = [];
  for (const filter of filters) for (const limit of [3, 80]) views.push([filter, limit, await follow(world, "eva", filter, { limit })]);
  await eventually("snapshots", () => views.every(([, , view]) => view.rows));
  const made = Array.from({ length: 60 }, (_, n) => `row-${n}`);
  const write = (events) => world.log(events);
  await Promise.all(
    Array.from({ length: 10 }, (_, part) =>
      write(made.filter((_, n) => n % 10 === part).map((id, n) => ({ id, input: n, tags: n % 2 ? ["late"] : [], scores: { Tone: n / 6 }, metadata: { kind: n % 3 ? "a" : "b" } }))),
    ),
  );
  await Promise.all([
    write(made.slice(0, 20).map((id) => ({ id, _is_merge: true, tags: ["late"] }))),
    write(made.slice(10, 30).map((id) => ({ id, _is_merge: true, scores: { Tone: 0.1 } }))),
    write(made.slice(25, 35).map((id) => ({ id, _object_delete: true }))),
    world.server.api("POST", `/v1/project_logs/${world.project.id}/feedback`, {
      feedback: made.slice(0, 8).map((id) => ({ id, comment: "once again", scores: { Tone: 1 }, source: "app" })),
    }),
  ]);
  await write(made.slice(27, 30).map((id) => ({ id, _is_merge: true, metadata: { kind: "a" } })));
  for (const [filter, limit, view] of views) {
    // A limit of its own makes it a view that is read anew.
    const fresh = await follow(world, "noor", filter, { limit: limit === 3 ? 3 : 81 });
    await eventually("a snapshot", () => fresh.rows);
    await eventually(`${filter || "all"}, ${limit}: the same`, () => {
      try {
        assert.deepEqual([view.rows, view.total], [fresh.rows, fresh.total]);
        return true;
      } catch {
        return false;
      }
    });
  }
});

test("a view of a dataset, and what is refused", async (t) => {
  const world = await World.make(t);
  const dataset = await world.server.api("POST", "/v1/dataset", { project_id: world.project.id, name: "Cases" });
  const cases = await follow(world, "noor", "tags includes 'hard'", { object_type: "dataset", object_id: dataset.id });
  await eventually("a snapshot", () => cases.rows);
  await world.server.api("POST", `/v1/dataset/${dataset.id}/insert`, { events: [{ id: "one", input: 1, tags: ["hard"] }] });
  await eventually("the record", () => ids(cases).join() === "one");

  for (const [filter, part] of [
    ["scores.Quality >", "line 1, column"],
    ["any_span(error is not null)", "any_span"],
    ["nonsense = 1", "there is no field"],
  ]) {
    const client = await LiveClient.connect(world.server, world.people.eva.key);
    world.clients.push(client);
    client.view({ object_type: "project_logs", object_id: world.project.id, filter });
    const problem = await eventually(`a problem with ${filter}`, () => client.problems[0]);
    assert.ok(problem.problem.detail.includes(part), JSON.stringify(problem));
  }
  const stranger = await LiveClient.connect(world.server, world.people.eva.key);
  world.clients.push(stranger);
  stranger.view({ object_type: "project_logs", object_id: randomUUID(), filter: "" });
  assert.equal((await eventually("404", () => stranger.problems[0])).problem.status, 404);
});
