/** R1: what anybody else has seen, and what was acknowledged, is on disk, whatever ends the process. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as A from "@automerge/automerge";
import { addComment, plain, setScore } from "../lib/edits.mjs";
import { hashes } from "../lib/sync-client.mjs";
import { eventually, sleep } from "../lib/wait.mjs";
import { World } from "../lib/world.mjs";

const level = (one, other) => A.getHeads(one.doc()).sort().join() === A.getHeads(other.doc()).sort().join();

for (const round of [1, 2, 3]) {
  test(`R1 R2 R8 kill -9 in a burst loses nothing that was seen or acknowledged (${round})`, async (t) => {
    const world = await World.make(t, { people: { eva: "reviewer", noor: "reviewer", mei: "reviewer" } });
    const eva = await world.review("eva");
    const noor = await world.review("noor");
    eva.client.hold();
    noor.client.hold();

    const said = [];
    let bursting = true;
    const burst = (async () => {
      for (let step = 0; bursting; step += 1) {
        setScore(eva.handle, eva.me, "Quality", (step % 1000) / 1000);
        said.push(addComment(eva.handle, eva.me, `comment ${step}`));
        await sleep(3);
      }
    })();
    await eventually("noor sees much", () => Object.keys(noor.handle.doc().comments).length > 40 * round);
    await world.server.kill();
    const seen = hashes(noor.handle);
    const acknowledged = eva.client.savedHashes(eva.handle);
    await eventually("both noticed", () => !eva.client.online && !noor.client.online);
    bursting = false;
    await burst;
    assert.ok(acknowledged.length > 10, `${acknowledged.length} acknowledged`);

    // Neither eva nor noor is back: whatever mei finds comes from the disk.
    await world.server.run();
    const mei = await world.review("mei");
    const found = new Set(hashes(mei.handle));
    assert.deepEqual(seen.filter((hash) => !found.has(hash)), [], "seen by another, lost");
    assert.deepEqual(acknowledged.filter((hash) => !found.has(hash)), [], "acknowledged, lost");

    // Now both return and send what the server had not got.
    await Promise.all([eva.client.goOnline(), noor.client.goOnline()]);
    await eva.client.whenSaved(eva.handle);
    await eventually("all are level", () => level(eva.handle, mei.handle) && level(noor.handle, mei.handle));
    const stored = await world.stored(eva.document_id);
    assert.deepEqual(Object.keys(stored.state.comments).sort(), said.sort(), "every comment once");
    assert.deepEqual([...stored.heads].sort(), A.getHeads(eva.handle.doc()).sort());
    // The seed is a change too, and no revision.
    assert.equal(stored.revision, hashes(eva.handle).length - 1, "one revision for each accepted change");
    const told = (await world.history(eva.document_id)).map((entry) => `${entry.hash} ${entry.path}`);
    assert.equal(new Set(told).size, told.length, "no fact told twice");
  });
}

test("R1 SIGTERM: exit 0, sockets closed with 1012, handles live on after the restart", async (t) => {
  const world = await World.make(t);
  const eva = await world.review("eva");
  const noor = await world.review("noor");
  const said = [addComment(eva.handle, eva.me, "before")];
  await eva.client.whenSaved(eva.handle);
  let writing = true;
  const writer = (async () => {
    while (writing) {
      said.push(addComment(eva.handle, eva.me, `comment ${said.length}`));
      await sleep(20);
    }
  })();
  await sleep(200);
  const began = performance.now();
  const { code } = await world.server.stop();
  const took = performance.now() - began;
  assert.equal(code, 0, world.server.output);
  assert.ok(took < 10_000, `ended within 10 s, took ${took}`);
  await eventually("both noticed", () => !eva.client.online && !noor.client.online);
  assert.equal(eva.client.adapter.closes[0], 1012);
  assert.equal(noor.client.adapter.closes[0], 1012);

  await world.server.run();
  await eventually("both are back by themselves", () => eva.client.online && noor.client.online);
  writing = false;
  await writer;
  await eva.client.whenSaved(eva.handle);
  setScore(noor.handle, noor.me, "Quality", 0.9);
  await noor.client.whenSaved(noor.handle);
  await eventually("level", () => level(eva.handle, noor.handle));
  assert.equal(noor.handle.isReady(), true);
  assert.deepEqual(Object.keys(plain(noor.handle.doc()).comments).sort(), said.sort());
});

test("R3 R5 after a restart rows and metrics say what they said before", async (t) => {
  const world = await World.make(t, { rows: 3 });
  for (const [place, row] of world.rows.entries()) {
    const eva = await world.review("eva", { row });
    setScore(eva.handle, eva.me, "Quality", place / 2);
    addComment(eva.handle, eva.me, "why");
    await eva.client.whenSaved(eva.handle);
  }
  const path = `/api/metrics?object_type=project_logs&object_id=${world.project.id}`;
  const fetchRows = () => world.server.api("POST", `/v1/project_logs/${world.project.id}/fetch`, { limit: 10 });
  const before = [await world.server.api("GET", path), await fetchRows()];
  assert.equal(before[0].scores.Quality.mean, 0.5);
  assert.equal(before[0].comments, 3);
  await world.server.kill();
  await world.server.run();
  assert.deepEqual([await world.server.api("GET", path), await fetchRows()], before);
});
