/**
 * A whole campaign with real data: answers logged by the Python SDK, reviews entered by four people through review
 * documents, and a dashboard that ends up with the published table, also after a restart.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { addComment, str } from "../lib/edits.mjs";
import { LiveClient } from "../lib/live-client.mjs";
import { OWNER, Server } from "../lib/server.mjs";
import { SyncClient } from "../lib/sync-client.mjs";
import { each, eventually } from "../lib/wait.mjs";
import { World } from "../lib/world.mjs";
import { reviews, SCORES, SYSTEMS, TABLE, WORKERS } from "./campaign.mjs";

/** Documents that one connection opens before it is replaced: below the server's limit, and WASM memory never shrinks. */
const DOCUMENTS_PER_CONNECTION = 75;
/** Reviews that one person has open at a time; each waits for the disk and for the client's own 100 ms of batching. */
const WIDTH = 25;

test("SQuALITY: 900 reviews by four people give the published table", async (t) => {
  const all = reviews(process.env.SQUALITY);
  assert.equal(all.length, 900);
  const server = await Server.start();
  const world = new World(server);
  t.after(() => world.close());
  world.people.owner = { name: "owner", key: OWNER.key };
  for (const worker of WORKERS) world.people[worker] = await world.hire(`worker-${worker}`, "reviewer");

  const load = fileURLToPath(new URL("../../squality/load.py", import.meta.url));
  const environment = { ...process.env, BRAINTRUST_APP_URL: server.url, BRAINTRUST_API_KEY: OWNER.key };
  t.diagnostic(execFileSync(process.env.CONCORD_PYTHON, [load, process.env.SQUALITY], { encoding: "utf8", env: environment }).trim());

  const { objects } = await server.api("GET", "/v1/project");
  const projects = Object.fromEntries(objects.map((project) => [project.name.replace("SQuALITY ", ""), project.id]));
  assert.deepEqual(Object.keys(projects).sort(), SYSTEMS);
  for (const system of SYSTEMS) {
    for (const name of Object.keys(SCORES)) {
      await server.api("POST", "/v1/project_score", { project_id: projects[system], name, score_type: "slider" });
    }
  }

  const live = await LiveClient.connect(server, OWNER.key);
  t.after(() => live.close());
  const boards = Object.fromEntries(SYSTEMS.map((system) => [system, live.metrics("project_logs", projects[system])]));
  await eventually("three snapshots", () => Object.values(boards).every((board) => board.data));
  for (const board of Object.values(boards)) assert.equal(board.data.rows, 100);

  const start = performance.now();
  await Promise.all(WORKERS.map((worker) => enter(world, worker, all.filter((review) => review.worker === worker), projects)));
  const seconds = (performance.now() - start) / 1000;
  const comments = all.reduce((sum, review) => sum + review.comments.length, 0);
  t.diagnostic(`entered ${all.length} reviews with ${comments} comments in ${seconds.toFixed(1)} s`);

  await eventually("the dashboards are level with what was entered", () => SYSTEMS.every((system) => boards[system].data.comments === commentsOf(all, system) && judgements(boards[system].data, "Overall") === 300));
  for (const system of SYSTEMS) assertTable(boards[system].data, system, all);
  for (const line of table(boards)) t.diagnostic(line);

  await server.stop();
  await server.run();
  const after = Object.fromEntries(
    await Promise.all(
      SYSTEMS.map(async (system) => {
        const data = await server.api("GET", `/api/metrics?object_type=project_logs&object_id=${projects[system]}`);
        return [system, { data }];
      }),
    ),
  );
  for (const system of SYSTEMS) {
    assertTable(after[system].data, system, all);
    assert.deepEqual(after[system].data, boards[system].data, "updates since the snapshot add up to a later snapshot (R5)");
  }

  // The rows themselves carry every judgement.
  for (const system of SYSTEMS) {
    const page = await server.api("POST", `/v1/project_logs/${projects[system]}/fetch`, { limit: 100 });
    assert.equal(page.events.length, 100);
    const judged = page.events.flatMap((event) => Object.values(event.reviews)).filter((review) => review.scores.Overall !== undefined);
    assert.equal(judged.length, 300);
    assert.equal(page.events.reduce((sum, event) => sum + event.comments.length, 0), commentsOf(all, system));
  }
});

/** One person enters their reviews, a few at a time, as a stock client would. */
async function enter(world, worker, own, projects) {
  for (let from = 0; from < own.length; from += DOCUMENTS_PER_CONNECTION) {
    const client = await SyncClient.connect(world.server, world.people[worker]);
    await each(own.slice(from, from + DOCUMENTS_PER_CONNECTION), WIDTH, async (review) => {
      const { url, reviewer } = await world.server.api(
        "POST",
        "/api/review/open",
        { object_type: "project_logs", object_id: projects[review.system], row_id: review.row },
        world.people[worker].key,
      );
      const handle = await client.find(url);
      handle.change((doc) => Object.assign(doc.scores[reviewer], review.scores));
      for (const { text, selection } of review.comments) addComment(handle, reviewer, text, { anchor: { field: str("output"), quote: str(selection) } });
      await client.whenSaved(handle, { timeout: 120_000, every: 50 });
    });
    assert.deepEqual(client.refused, []);
    await client.close();
  }
}

const commentsOf = (all, system) => all.filter((review) => review.system === system).reduce((sum, review) => sum + review.comments.length, 0);
const judgements = (data, score) => data.scores[score]?.by_source.human?.count ?? 0;

function assertTable(data, system, all) {
  assert.equal(data.rows, 100);
  assert.equal(data.comments, commentsOf(all, system));
  for (const [score, published] of Object.entries(TABLE[system])) {
    const found = data.scores[score];
    assert.equal(found.count, 100, `${system} ${score}: rows with a value`);
    assert.equal(found.by_source.human.count, 300, `${system} ${score}: judgements`);
    assert.ok(Math.abs(100 * found.mean - published) <= 0.05 + 1e-9, `${system} ${score}: ${100 * found.mean}, published ${published}`);
    assert.equal(Object.values(found.reviewers).reduce((sum, count) => sum + count, 0), 300);
  }
}

function table(boards) {
  const scores = Object.keys(SCORES);
  const rows = SYSTEMS.map((system) => [system, ...scores.map((score) => (100 * boards[system].data.scores[score].mean).toFixed(2))]);
  return [["system", ...scores], ...rows].map((row) => row.map((cell) => cell.padEnd(12)).join(""));
}
