/** Two and more stock automerge-repo clients on one review. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as A from "@automerge/automerge";
import { encodeHeads, generateAutomergeUrl } from "@automerge/automerge-repo";
import { addComment, plain, setExpected, setScore, setStatus } from "../lib/edits.mjs";
import { eventually } from "../lib/wait.mjs";
import { World } from "../lib/world.mjs";

const level = (...handles) => {
  const [first, ...others] = handles.map((handle) => A.getHeads(handle.doc()).sort().join());
  return others.every((heads) => heads === first);
};

test("two people score, comment and correct one review at once and end with the same document", async (t) => {
  const world = await World.make(t);
  const eva = await world.review("eva");
  const noor = await world.review("noor");
  await eventually("eva sees noor's map", () => eva.handle.doc().scores[noor.me]);

  setExpected(eva.handle, { answer: "It left on Monday.", order: { id: 7, paid: true } });
  await eventually("noor sees the expected value", () => noor.handle.doc().expected.set);
  for (let step = 1; step <= 10; step += 1) {
    setScore(eva.handle, eva.me, "Quality", step / 10);
    setScore(noor.handle, noor.me, "Quality", 1 - step / 10);
  }
  setScore(eva.handle, eva.me, "Verdict", 1);
  const first = addComment(eva.handle, eva.me, "The date is missing.");
  const second = addComment(noor.handle, noor.me, "And the carrier.");
  eva.handle.change((doc) => A.splice(doc, ["expected", "value", "answer"], 0, 0, "Good news: "));
  noor.handle.change((doc) => A.splice(doc, ["expected", "value", "answer"], doc.expected.value.answer.length, 0, " It comes with the post."));
  noor.handle.change((doc) => void (doc.expected.value.order.paid = false));
  setStatus(noor.handle, noor.me, "in_progress");

  await Promise.all([eva.client.whenSaved(eva.handle), noor.client.whenSaved(noor.handle)]);
  await eventually("both are level", () => level(eva.handle, noor.handle));

  const seen = plain(eva.handle.doc());
  assert.deepEqual(seen.scores[eva.me], { Quality: 1, Verdict: 1 });
  assert.deepEqual(seen.scores[noor.me], { Quality: 0 });
  assert.deepEqual(seen.expected.value, {
    answer: "Good news: It left on Monday. It comes with the post.",
    order: { id: 7, paid: false },
  });
  assert.deepEqual(Object.keys(seen.comments).sort(), [first, second].sort());

  const stored = await world.stored(eva.document_id);
  assert.deepEqual([...stored.heads].sort(), A.getHeads(eva.handle.doc()).sort());
  assert.deepEqual(stored.state.scores, seen.scores);
  assert.deepEqual(stored.state.expected, seen.expected);
  assert.equal(stored.state.status.value, "in_progress");
  assert.equal(stored.state.comments[first].text, "The date is missing.");
  assert.equal(stored.state.comments[second].author, noor.me);
  assert.equal(stored.effective.scores.Quality, 0.5, "the mean of both judgements");
});

test("R7 the history names who set what, from what to what", async (t) => {
  const world = await World.make(t);
  const eva = await world.review("eva");
  const noor = await world.review("noor");
  setScore(eva.handle, eva.me, "Quality", 0.25);
  await eva.client.whenSaved(eva.handle);
  setScore(eva.handle, eva.me, "Quality", 0.75);
  setScore(noor.handle, noor.me, "Quality", 0.5);
  await Promise.all([eva.client.whenSaved(eva.handle), noor.client.whenSaved(noor.handle)]);

  const entries = await world.history(eva.document_id);
  const told = entries
    .filter((entry) => entry.path.startsWith("/scores/") && entry.path.endsWith("/Quality"))
    .map(({ actor, path, from, to }) => [actor.id, path, from, to]);
  const path = (who) => `/scores/${who}/Quality`;
  const own = (who) => told.filter(([actor]) => actor === who);
  assert.deepEqual(own(eva.me), [
    [eva.me, path(eva.me), null, 0.25],
    [eva.me, path(eva.me), 0.25, 0.75],
  ]);
  assert.deepEqual(own(noor.me), [[noor.me, path(noor.me), null, 0.5]]);
  assert.equal(told.length, 3);
});

test("a client that opens late sees everything at once", async (t) => {
  const world = await World.make(t, { people: { eva: "reviewer", mei: "reviewer" } });
  const eva = await world.review("eva");
  for (let step = 0; step < 30; step += 1) setScore(eva.handle, eva.me, "Quality", step / 100);
  const comment = addComment(eva.handle, eva.me, "Late readers see this.");
  await eva.client.whenSaved(eva.handle);

  const mei = await world.review("mei");
  const seen = plain(mei.handle.doc());
  assert.equal(seen.scores[eva.me].Quality, 0.29);
  assert.equal(seen.comments[comment].text, "Late readers see this.");
});

test("concurrent values of one place are both kept and told as a conflict", async (t) => {
  const world = await World.make(t);
  const eva = await world.review("eva");
  const noor = await world.review("noor");
  setExpected(eva.handle, { approved: false });
  await eventually("noor sees it", () => noor.handle.doc().expected.set);
  await Promise.all([eva.client.goOffline(), noor.client.goOffline()]);
  eva.handle.change((doc) => void (doc.expected.value.approved = 1));
  noor.handle.change((doc) => void (doc.expected.value.approved = 2));
  await Promise.all([eva.client.goOnline(), noor.client.goOnline()]);
  await eventually("both are level", () => level(eva.handle, noor.handle) && noor.client.isSaved(noor.handle));

  const { conflicts } = await world.stored(eva.document_id);
  assert.equal(conflicts.length, 1);
  assert.equal(conflicts[0].path, "/expected/value/approved");
  assert.deepEqual(JSON.stringify(conflicts[0].values).match(/[12]/g)?.filter((v, i, all) => all.indexOf(v) === i).sort(), ["1", "2"]);

  // Writing the shown value again settles it; the mark beside it carries the change to the server at once.
  const shown = eva.handle.doc().expected.value.approved;
  eva.handle.change((doc) => {
    doc.expected.value.approved = shown;
    doc.expected.settled = { by: new A.ImmutableString(eva.me), at: new Date() };
  });
  await eva.client.whenSaved(eva.handle);
  const settled = await world.stored(eva.document_id);
  assert.deepEqual(settled.conflicts, []);
  assert.equal(settled.state.expected.value.approved, shown);
});

test("clients send plain change chunks only, since the server claims no more than version 1", async (t) => {
  const world = await World.make(t);
  const eva = await world.review("eva");
  const noor = await world.review("noor");
  setExpected(eva.handle, { answer: "some words that are typed" });
  for (let step = 0; step < 5; step += 1) {
    setScore(eva.handle, eva.me, "Quality", step / 10);
    setScore(noor.handle, noor.me, "Quality", step / 10);
    await Promise.all([eva.client.whenSaved(eva.handle), noor.client.whenSaved(noor.handle)]);
  }
  await eva.client.goOffline();
  setScore(eva.handle, eva.me, "Quality", 0.9);
  await eva.client.goOnline();
  await eva.client.whenSaved(eva.handle);

  const sent = [...eva.client.adapter.sent, ...noor.client.adapter.sent];
  let changes = 0;
  for (const payload of sent) {
    assert.equal(payload[0], 0x42, "a version 1 message");
    for (const chunk of A.decodeSyncMessage(payload).changes) {
      assert.equal(chunk[8], 1, "a change, not a document or a compressed change");
      changes += 1;
    }
  }
  assert.ok(changes >= 12, `${changes} changes seen in ${sent.length} messages`);
});

test("an unknown document is unavailable within a second", async (t) => {
  const world = await World.make(t);
  const eva = await world.connect("eva");
  const start = performance.now();
  await assert.rejects(eva.repo.find(generateAutomergeUrl()), /unavailable/);
  assert.ok(performance.now() - start < 1000);
});

test("a broadcast reaches every other client of the document exactly once", async (t) => {
  const world = await World.make(t, { people: { eva: "reviewer", noor: "reviewer", mei: "reviewer" } });
  const people = [];
  for (const name of ["eva", "noor", "mei"]) people.push(await world.review(name));
  const heard = people.map(() => []);
  people.forEach(({ handle }, place) => {
    handle.on("ephemeral-message", ({ message }) => message?.type === "presence" && heard[place].push(message.tab));
  });
  const say = (person, tab) =>
    person.handle.broadcast({ type: "presence", user: { id: person.me, name: "me" }, tab, span: "x", focus: null, cursor: null, at: Date.now() });
  say(people[0], "one");
  say(people[1], "two");
  // Spoken in another's name: never delivered.
  people[2].handle.broadcast({ type: "presence", user: { id: people[0].me, name: "eva" }, tab: "forged", at: Date.now() });
  say(people[2], "three");
  await eventually("all have heard", () => heard.every((tabs) => tabs.length >= 2));
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual(heard.map((tabs) => [...tabs].sort()), [
    ["three", "two"],
    ["one", "three"],
    ["one", "two"],
  ]);
});

test("an old state can be read at its heads", async (t) => {
  const world = await World.make(t);
  const eva = await world.review("eva");
  setScore(eva.handle, eva.me, "Quality", 0.25);
  await eva.client.whenSaved(eva.handle);
  const then = encodeHeads(A.getHeads(eva.handle.doc()));
  setScore(eva.handle, eva.me, "Quality", 0.75);
  await eva.client.whenSaved(eva.handle);
  const noor = await world.review("noor");
  assert.equal(noor.handle.view(then).doc().scores[eva.me].Quality, 0.25);
});
