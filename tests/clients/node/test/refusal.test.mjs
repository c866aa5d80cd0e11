/** R4: a refused change leaves no trace; the client is rolled back in place and keeps its other work. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import * as A from "@automerge/automerge";
import { addComment, plain, setExpected, setScore, setStatus, str } from "../lib/edits.mjs";
import { hashes } from "../lib/sync-client.mjs";
import { eventually } from "../lib/wait.mjs";
import { World } from "../lib/world.mjs";

const level = (one, other) => A.getHeads(one.doc()).sort().join() === A.getHeads(other.doc()).sort().join();

/** What the server has said about a change. A notice repeats earlier refusals, so the last one is not always the newest. */
const refusalOf = ({ client }, hash) => eventually("the refusal", () => client.refused.find((change) => change.hash === hash));

/** What a member may not write, with a word that the reason must say. `me` writes, `other` is somebody else. */
const illegal = {
  "another reviewer's score": { edit: (doc, { other }) => void (doc.scores[other].Quality = 0.1), says: /reviewer|own|score/i },
  "another reviewer's new score": { edit: (doc, { other }) => void (doc.scores[other].Verdict = 1), says: /reviewer|own|score/i },
  "a score above the range": { edit: (doc, { me }) => void (doc.scores[me].Quality = 2), says: /Quality/ },
  "a score below the range": { edit: (doc, { me }) => void (doc.scores[me].Quality = -0.5), says: /Quality/ },
  "a number that is no option": { edit: (doc, { me }) => void (doc.scores[me].Verdict = 0.5), says: /Verdict/ },
  "NaN as a score": { edit: (doc, { me }) => void (doc.scores[me].Quality = Number.NaN), says: /number|finite|Quality/i },
  "a score nobody configured": { edit: (doc, { me }) => void (doc.scores[me].Qualty = 0.5), says: /Quality/ },
  "text as a score": { edit: (doc, { me }) => void (doc.scores[me].Quality = str("good")), says: /Quality|text/i },
  "true as a score": { edit: (doc, { me }) => void (doc.scores[me].Quality = true), says: /Quality|bool/i },
  "a date as a score": { edit: (doc, { me }) => void (doc.scores[me].Quality = new Date()), says: /Quality|time/i },
  "a counter as a score": { edit: (doc, { me }) => void (doc.scores[me].Quality = new A.Counter(1)), says: /counter|Quality/i },
  "a map as a score": { edit: (doc, { me }) => void (doc.scores[me].Quality = { value: 1 }), says: /Quality|map/i },
  "its whole map of scores": { edit: (doc, { me }) => void (doc.scores[me] = {}), says: /scores/i },
  "the removal of a score": { edit: (doc, { me }) => void delete doc.scores[me].Quality, says: /Quality|null|delet/i },
  "the removal of everybody's scores": { edit: (doc) => void delete doc.scores, says: /scores/i },
  "a comment in another's name": {
    edit: (doc, { other }) => void (doc.comments[randomUUID()] = { author: str(other), at: new Date(), text: "signed by another" }),
    says: /author/i,
  },
  "a comment without a text": {
    edit: (doc, { me }) => void (doc.comments[randomUUID()] = { author: str(me), at: new Date() }),
    says: /text/i,
  },
  "another's comment": { edit: (doc, { theirs }) => void A.updateText(doc, ["comments", theirs, "text"], "changed"), says: /comment|author/i },
  "a status in another's name": {
    edit: (doc, { other }) => {
      doc.status.value = str("complete");
      doc.status.by = str(other);
      doc.status.at = new Date();
    },
    says: /status|by/i,
  },
  "a status that does not exist": {
    edit: (doc, { me }) => {
      doc.status.value = str("done");
      doc.status.by = str(me);
      doc.status.at = new Date();
    },
    says: /status|complete/i,
  },
  "completion for another": { edit: (doc, { other }) => void (doc.completed[other] = new Date()), says: /complet/i },
  "a key that the schema has not": { edit: (doc) => void (doc.extra = 1), says: /extra|key/i },
  "the version": { edit: (doc) => void (doc.v = 2), says: /v\b|version/i },
  "an integer beyond 2^53 in expected": { edit: (doc) => void (doc.expected.value.id = 2n ** 60n), says: /integer|2\^53|9007199254740991|number/i },
};

test("R4 every kind of illegal edit is refused with a reason, rolled back in place, and the client goes on", async (t) => {
  const world = await World.make(t);
  const eva = await world.review("eva");
  const noor = await world.review("noor");
  setScore(noor.handle, noor.me, "Quality", 0.8);
  const theirs = addComment(noor.handle, noor.me, "noor's words");
  setExpected(noor.handle, { answer: "as it was" });
  await noor.client.whenSaved(noor.handle);
  await eventually("level", () => level(eva.handle, noor.handle));
  setScore(eva.handle, eva.me, "Quality", 0.3);
  await eva.client.whenSaved(eva.handle);
  const places = { me: eva.me, other: noor.me, theirs };
  const { url } = eva.handle;

  let step = 0;
  for (const [what, { edit, says }] of Object.entries(illegal)) {
    await t.test(what, async () => {
      step += 1;
      const before = plain(eva.handle.doc());
      eva.handle.change((doc) => edit(doc, places));
      const [hash] = A.getHeads(eva.handle.doc());
      const { reason, code } = await refusalOf(eva, hash);
      assert.match(reason, says, `the reason says what was wrong: ${reason}`);
      assert.match(code, /^[a-z0-9-]+$/);
      assert.deepEqual(plain(eva.handle.doc()), before, "the same handle shows what it showed before");
      assert.equal(hashes(eva.handle).includes(hash), false);

      // The next legal edit of the same handle is accepted and seen by the other.
      setScore(eva.handle, eva.me, "Quality", step / 100);
      await eventually("noor sees the next edit", () => noor.handle.doc().scores[eva.me].Quality === step / 100);
      await eva.client.whenSaved(eva.handle);
    });
  }

  assert.equal(eva.client.adapter.closes.length, 0, "a client that rolls back is never disconnected");
  assert.equal(eva.handle.url, url);
  await eventually("level", () => level(eva.handle, noor.handle));
  const { state } = await world.stored(eva.document_id);
  assert.deepEqual(state.scores[noor.me], { Quality: 0.8 });
  assert.equal(state.comments[theirs].text, "noor's words");
  assert.equal(Object.keys(state.comments).length, 1);
  const history = await world.history(eva.document_id);
  const refusedHashes = new Set(eva.client.refused.map((change) => change.hash));
  assert.equal(history.some((entry) => refusedHashes.has(entry.hash)), false, "no history of refused changes");
});

test("R4 of an offline batch whose third edit is illegal the first two are stored, the rest is refused", async (t) => {
  const world = await World.make(t);
  const eva = await world.review("eva");
  const noor = await world.review("noor");
  await eva.client.goOffline();
  const kept = [addComment(eva.handle, eva.me, "one"), addComment(eva.handle, eva.me, "two")];
  setScore(eva.handle, eva.me, "Quality", 7);
  const lost = addComment(eva.handle, eva.me, "four, which builds on the third");
  const mine = hashes(eva.handle).slice(-4);
  await eva.client.goOnline();

  await eventually("the refusal", () => eva.client.refused.length >= 2);
  await eventually("eva is rolled back", () => !eva.handle.doc().comments[lost]);
  assert.deepEqual(new Set(eva.client.refused.map((change) => change.hash)), new Set(mine.slice(2)));
  await eventually("noor sees both", () => kept.every((id) => noor.handle.doc().comments[id]));
  setScore(eva.handle, eva.me, "Quality", 0.7);
  await eva.client.whenSaved(eva.handle);

  const { state } = await world.stored(eva.document_id);
  assert.deepEqual(Object.keys(state.comments).sort(), [...kept].sort());
  assert.equal(state.scores[eva.me].Quality, 0.7);
  await eventually("level", () => level(eva.handle, noor.handle));
});

test("R4 twenty edits, every third illegal, while another writes: all legal work arrives, all copies are equal", async (t) => {
  const world = await World.make(t);
  const eva = await world.review("eva");
  const noor = await world.review("noor");
  const said = [];
  for (let step = 1; step <= 20; step += 1) {
    if (step % 3 === 0) {
      setScore(eva.handle, eva.me, "Quality", step);
      await refusalOf(eva, A.getHeads(eva.handle.doc())[0]);
    } else {
      said.push(addComment(eva.handle, eva.me, `eva ${step}`));
      await eva.client.whenSaved(eva.handle);
    }
    said.push(addComment(noor.handle, noor.me, `noor ${step}`));
  }
  await Promise.all([eva.client.whenSaved(eva.handle), noor.client.whenSaved(noor.handle)]);
  await eventually("level", () => level(eva.handle, noor.handle));
  const { state, heads } = await world.stored(eva.document_id);
  assert.deepEqual(Object.keys(state.comments).sort(), said.sort());
  assert.deepEqual([...heads].sort(), A.getHeads(eva.handle.doc()).sort());
});

test("R4 a client that does not roll back is closed after a while and nobody else is disturbed", async (t) => {
  const world = await World.make(t);
  const eva = await world.review("eva", { rollback: false });
  const noor = await world.review("noor");
  setScore(eva.handle, eva.me, "Quality", 0.4);
  await eva.client.whenSaved(eva.handle);
  const before = eva.client.adapter.sent.length;
  setScore(eva.handle, eva.me, "Quality", 9);
  eva.client.hold();
  await eventually("eva is disconnected", () => eva.client.online === false, { timeout: 20_000 });
  const sent = eva.client.adapter.sent.length - before;
  assert.ok(sent < 100, `no ping-pong: ${sent} messages`);

  setScore(noor.handle, noor.me, "Quality", 0.6);
  await noor.client.whenSaved(noor.handle);
  assert.equal(noor.client.adapter.closes.length, 0);
  const { state } = await world.stored(noor.document_id);
  assert.deepEqual(state.scores, { [eva.me]: { Quality: 0.4 }, [noor.me]: { Quality: 0.6 } });
});

test("R7 a change under a replica id that belongs to another member is refused", async (t) => {
  const world = await World.make(t);
  const eva = await world.review("eva");
  const noor = await world.review("noor");
  setScore(noor.handle, noor.me, "Quality", 0.5);
  await noor.client.whenSaved(noor.handle);
  await eventually("eva sees it", () => eva.handle.doc().scores[noor.me]?.Quality === 0.5);
  const stolen = A.getActorId(noor.handle.doc());
  eva.handle.update((doc) => A.change(A.clone(doc, { actor: stolen }), (draft) => void (draft.scores[eva.me].Quality = 1)));
  await eventually("the refusal", () => eva.client.refused.length > 0);
  const { state } = await world.stored(eva.document_id);
  assert.equal(state.scores[eva.me]?.Quality ?? null, null);
  setScore(eva.handle, eva.me, "Quality", 0.2);
  await eva.client.whenSaved(eva.handle);
});
