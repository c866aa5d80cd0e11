/** The stock TypeScript SDK of Braintrust, pointed at Concord by its URL and key alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { initLogger, updateSpan } from "braintrust";
import { eventually } from "../lib/wait.mjs";
import { World } from "../lib/world.mjs";

/** A logger whose requests are remembered; `answer` may replace what the SDK gets back. */
function logger(world, projectName, { answer = async (request, send) => send(), person = "owner" } = {}) {
  const requests = [];
  const made = initLogger({
    projectName,
    apiKey: world.people[person].key,
    appUrl: world.server.url,
    forceLogin: true,
    setCurrent: false,
    noExitFlush: true,
    fetch: async (input, init) => {
      const request = { url: String(input?.url ?? input), body: typeof init?.body === "string" ? init.body : "" };
      requests.push(request);
      return answer(request, () => fetch(input, init));
    },
  });
  return { logger: made, requests, writes: () => requests.filter((request) => request.url.endsWith("/logs3")) };
}

/** Events of a project as REST tells them, by id. */
async function events(world, projectId) {
  const answer = await world.server.api("POST", `/v1/project_logs/${projectId}/fetch`, { limit: 1000 });
  return new Map(answer.events.map((event) => [event.id, event]));
}

async function project(world, name) {
  const { objects } = await world.server.api("GET", `/v1/project?project_name=${encodeURIComponent(name)}`);
  assert.equal(objects.length, 1, `one project named ${name}`);
  return objects[0];
}

test("initLogger makes the project; nested spans, feedback, updates and comments read back", async (t) => {
  const world = await World.make(t);
  const { logger: log } = logger(world, "Shoe Shop / EU");
  const ids = {};
  await log.traced(
    async (root) => {
      ids.root = root.id;
      root.log({ input: { question: "Do these run small?" }, tags: ["triage"], metadata: { user_id: "u1", release: 4 } });
      await root.traced(
        async (llm) => {
          ids.llm = llm.id;
          llm.log({
            input: [{ role: "user", content: "Do these run small?" }],
            output: [{ role: "assistant", content: "Half a size." }],
            metrics: { prompt_tokens: 10, completion_tokens: 4, tokens: 14 },
            metadata: { model: "a-model" },
          });
        },
        { name: "answer", type: "llm" },
      );
      root.log({ output: "Half a size.", scores: { Faithfulness: 0.9 } });
      ids.exported = await root.export();
    },
    { name: "support" },
  );
  await log.flush();
  const { id: projectId } = await project(world, "Shoe Shop / EU");
  const logged = await events(world, projectId);
  assert.equal(logged.size, 2);
  const root = logged.get(ids.root);
  const llm = logged.get(ids.llm);
  assert.equal(root.is_root, true);
  assert.equal(llm.is_root, false);
  assert.deepEqual(llm.span_parents, [root.span_id]);
  assert.equal(llm.root_span_id, root.root_span_id);
  assert.deepEqual(root.input, { question: "Do these run small?" });
  assert.equal(root.output, "Half a size.");
  assert.deepEqual(root.tags, ["triage"]);
  assert.equal(root.scores.Faithfulness, 0.9);
  assert.equal(llm.span_attributes.type, "llm");
  assert.equal(llm.metrics.tokens, 14);
  assert.ok(llm.metrics.end >= llm.metrics.start);
  assert.match(root._xact_id, /^\d{19}$/);

  log.logFeedback({ id: ids.root, scores: { correctness: 1 }, expected: "A full size.", source: "app", metadata: { reason: "checked" } });
  log.logFeedback({ id: ids.root, comment: "Customers disagree.", tags: ["sizing"], source: "app" });
  log.logFeedback({ id: ids.root, scores: { thumbs: 0 }, comment: "Did not help", metadata: { user_id: "shopper-7" }, source: "external" });
  await log.flush();
  updateSpan({ exported: ids.exported, metadata: { reopened: true }, state: log.loggingState, fetch });
  await log.flush();

  const reviewed = await eventually("the feedback", async () => {
    const event = (await events(world, projectId)).get(ids.root);
    return event.comments?.length === 2 && event.metadata.reopened && event;
  });
  assert.equal(reviewed.scores.correctness, 1);
  assert.equal(reviewed.scores.thumbs, 0);
  assert.equal(reviewed.scores.Faithfulness, 0.9, "merged, not replaced");
  assert.equal(reviewed.expected, "A full size.");
  assert.deepEqual([...reviewed.tags].sort(), ["sizing", "triage"]);
  assert.deepEqual(reviewed.metadata, { user_id: "u1", release: 4, reopened: true });
  const by = Object.fromEntries(reviewed.comments.map((comment) => [comment.text, comment.author.id]));
  assert.deepEqual(by, { "Customers disagree.": world.people.owner.id, "Did not help": "external:shopper-7" });
  assert.equal(reviewed.reviews[world.people.owner.id].scores.correctness, 1);
  assert.equal(reviewed.reviews["external:shopper-7"].scores.thumbs, 0);

  const opened = await world.server.api("POST", "/api/review/open", { object_type: "project_logs", object_id: projectId, row_id: ids.root });
  const history = await world.history(opened.document_id);
  const judged = history.find((entry) => entry.path.endsWith("/correctness"));
  assert.deepEqual([judged.to, judged.source, judged.metadata], [1, "app", { reason: "checked" }]);
  const thumbs = history.find((entry) => entry.path.endsWith("/thumbs"));
  assert.equal(thumbs.source, "external");
});

test("feedback before the first flush, folded into the first write by the SDK, is a judgement as well", async (t) => {
  const world = await World.make(t);
  const { logger: log } = logger(world, "Folded");
  const span = log.startSpan({ name: "one" });
  span.log({ input: "in", output: "out" });
  span.end();
  log.logFeedback({ id: span.id, scores: { correctness: 0.5 }, source: "app" });
  await log.flush();
  const { id } = await project(world, "Folded");
  const event = (await events(world, id)).get(span.id);
  assert.equal(event.output, "out");
  assert.equal(event.scores.correctness, 0.5);
});

test("R8 a batch whose answer is lost is sent again by the SDK and doubles nothing", async (t) => {
  const world = await World.make(t);
  let lose = 0;
  const { logger: log, writes } = logger(world, "Lossy", {
    answer: async (request, send) => {
      const response = await send();
      if (!request.url.endsWith("/logs3") || lose === 0) return response;
      lose -= 1;
      assert.equal(response.status, 200, "the server has stored it");
      return new Response("the answer was lost", { status: 500 });
    },
  });
  const span = log.startSpan({ name: "one" });
  span.log({ input: "in", output: "out" });
  span.end();
  await log.flush();
  lose = 1;
  log.logFeedback({ id: span.id, scores: { correctness: 1 }, comment: "said once", tags: ["t"], expected: "x", source: "app" });
  await log.flush();
  const bodies = writes().map((request) => request.body);
  assert.ok(bodies.length > new Set(bodies).size, "a batch went twice");

  const { id } = await project(world, "Lossy");
  const event = (await events(world, id)).get(span.id);
  assert.deepEqual(event.comments.map((comment) => comment.text), ["said once"]);
  assert.deepEqual(event.tags, ["t"]);
  const opened = await world.server.api("POST", "/api/review/open", { object_type: "project_logs", object_id: id, row_id: span.id });
  const history = (await world.history(opened.document_id)).filter((entry) => entry.source !== "server");
  const told = history.map((entry) => entry.path);
  assert.equal(new Set(told).size, told.length, `no fact told twice: ${told}`);
});

test("initLogger by project id finds the project", async (t) => {
  const world = await World.make(t);
  const log = initLogger({
    projectId: world.project.id,
    apiKey: world.people.eva.key,
    appUrl: world.server.url,
    forceLogin: true,
    setCurrent: false,
    noExitFlush: true,
  });
  assert.equal((await log.project).name, "Support Bot");
  const id = log.log({ input: "in", output: "out" });
  await log.flush();
  assert.equal((await events(world, world.project.id)).get(id).output, "out");
});
