/** The stock TypeScript SDK when networks and servers fail: nothing is lost and nothing is there twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Attachment, initLogger } from "braintrust";
import { faultyProxy } from "../lib/faulty-proxy.mjs";
import { World } from "../lib/world.mjs";

const ROWS = 30;

function logger(world, url) {
  // Whatever the server calls itself, all goes by the proxy.
  return initLogger({
    projectName: "Faults",
    apiKey: world.people.owner.key,
    appUrl: url,
    forceLogin: true,
    setCurrent: false,
    noExitFlush: true,
    fetch: (input, init) => fetch(String(input?.url ?? input).replace(world.server.url, url), init),
  });
}

async function events(world) {
  const { objects } = await world.server.api("GET", "/v1/project?project_name=Faults");
  const { events } = await world.server.api("POST", `/v1/project_logs/${objects[0].id}/fetch`, { limit: 1000 });
  return events;
}

/** Logs rows, feedback and comments through a proxy that spoils every first try of a batch in its own way. */
async function survive(t, faults) {
  const world = await World.make(t);
  const seen = new Map();
  const proxy = await faultyProxy(t, world.server.url, ({ path, body }) => {
    if (path !== "/logs3") return undefined;
    const tries = (seen.get(body) ?? 0) + 1;
    seen.set(body, tries);
    return tries === 1 ? faults[(seen.size - 1) % faults.length] : undefined;
  });
  const log = logger(world, proxy.url);
  const ids = [];
  for (let n = 0; n < ROWS; n += 1) {
    ids.push(await log.log({ input: { n }, output: `answer ${n}`, scores: { Quality: 0.5 } }));
    if (n % 10 === 9) await log.flush();
  }
  for (const [n, id] of ids.entries()) {
    log.logFeedback({ id, scores: { Quality: 1 }, expected: `better ${n}`, comment: `said once ${n}`, source: "external" });
  }
  await log.flush();
  const rows = await events(world);
  assert.deepEqual(rows.map((row) => row.id).sort(), [...ids].sort(), "each row once");
  for (const row of rows) {
    const n = row.input.n;
    assert.equal(row.scores.Quality, 1);
    assert.equal(row.expected, `better ${n}`);
    assert.deepEqual(row.comments.map((comment) => comment.text), [`said once ${n}`], "each comment once");
  }
  assert.ok([...seen.values()].some((tries) => tries > 1), "something was sent again");
}

test("refused for now: 429 and 500", (t) => survive(t, [429, 500, 503]));

test("connections cut before and after the server has stored the batch", (t) => survive(t, ["cut", "drop"]));

test("batches that arrive twice", async (t) => {
  const world = await World.make(t);
  const proxy = await faultyProxy(t, world.server.url, ({ path }) => (path === "/logs3" ? "twice" : undefined));
  const log = logger(world, proxy.url);
  const id = await log.log({ input: "once", scores: { Quality: 0.5 } });
  await log.flush();
  log.logFeedback({ id, comment: "said once", scores: { Quality: 1 } });
  await log.flush();
  const rows = await events(world);
  assert.deepEqual(rows.map((row) => [row.id, row.comments.length, row.scores.Quality]), [[id, 1, 1]]);
  const metrics = await world.server.api("GET", `/api/metrics?object_type=project_logs&object_id=${rows[0].project_id}`);
  assert.equal(metrics.rows, 1);
  assert.equal(metrics.comments, 1);
});

test("rows that arrive backwards: comments and children before what they belong to", async (t) => {
  const world = await World.make(t);
  const made = [];
  const proxy = await faultyProxy(t, world.server.url, ({ path, body }) => {
    if (path !== "/logs3") return undefined;
    made.push(...JSON.parse(body).rows);
    return undefined;
  });
  const log = logger(world, proxy.url);
  const ids = {};
  await log.traced(
    async (root) => {
      ids.root = root.id;
      await root.traced(async (child) => child.log({ input: "child", output: "done" }), { name: "child" });
      root.log({ input: "root" });
    },
    { name: "root" },
  );
  await log.flush();
  log.logFeedback({ id: ids.root, comment: "early", scores: { Quality: 1 } });
  await log.flush();
  const project = await world.server.api("POST", "/v1/project", { name: "Backwards" });
  // Writes of one row keep their order: a first write replaces what came before it.
  const backwards = [...new Set(made.map((row) => row.id))].reverse();
  for (const row of backwards.flatMap((id) => made.filter((made) => made.id === id))) {
    await world.server.api("POST", "/logs3", { rows: [{ ...row, project_id: project.id }], api_version: 2 });
  }
  const { events: rows } = await world.server.api("POST", `/v1/project_logs/${project.id}/fetch`, { limit: 10 });
  assert.deepEqual(rows.map((row) => row.input).sort(), ["child", "root"]);
  const root = rows.find((row) => row.input === "root");
  assert.equal(root.scores.Quality, 1);
  assert.deepEqual(root.comments.map((comment) => comment.text), ["early"]);
});

test("an attachment is uploaded and read back", async (t) => {
  const world = await World.make(t);
  const proxy = await faultyProxy(t, world.server.url, () => undefined);
  const log = logger(world, proxy.url);
  const data = new Blob([new Uint8Array(100_000).fill(7)]);
  await log.log({ input: { picture: new Attachment({ data, filename: "seven.png", contentType: "image/png" }) } });
  await log.flush();
  const [row] = await events(world);
  const { key, filename, content_type, type } = row.input.picture;
  assert.deepEqual([type, filename, content_type], ["braintrust_attachment", "seven.png", "image/png"]);
  const found = await world.server.api("GET", `/attachment?key=${key}&filename=${filename}`);
  assert.equal(found.status.upload_status, "done");
  const answer = await fetch(found.downloadUrl);
  assert.equal(answer.headers.get("content-security-policy"), "default-src 'none'; sandbox");
  assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), new Uint8Array(100_000).fill(7));
});
