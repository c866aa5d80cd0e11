/** The stock OpenTelemetry exporter of Braintrust: JSON over chunked bodies, pointed at Concord by URL and key alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BraintrustSpanProcessor } from "@braintrust/otel";
import { SpanStatusCode, context, trace } from "@opentelemetry/api";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { initLogger } from "braintrust";
import { World } from "../lib/world.mjs";

/** A tracer whose spans go to a parent. */
function tracer(world, parent) {
  const processor = new BraintrustSpanProcessor({ apiKey: world.people.owner.key, apiUrl: world.server.url, parent });
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  return { tracer: provider.getTracer("shop", "1.0"), flush: () => processor.forceFlush(), close: () => provider.shutdown() };
}

async function events(world, projectId) {
  const answer = await world.server.api("POST", `/v1/project_logs/${projectId}/fetch`, { limit: 100 });
  return Object.fromEntries(answer.events.map((event) => [event.span_attributes?.name ?? event.id, event]));
}

test("@braintrust/otel: spans arrive with their tree, conversation, tokens and error", async (t) => {
  const world = await World.make(t);
  const otel = tracer(world, "project_name:Traced shop");
  const root = otel.tracer.startSpan("support");
  const under = trace.setSpan(context.active(), root);
  const call = otel.tracer.startSpan("chat", { attributes: { "gen_ai.request.model": "a-model" } }, under);
  call.setAttributes({
    "gen_ai.operation.name": "chat",
    "gen_ai.input.messages": JSON.stringify([{ role: "user", content: "Where is it?" }]),
    "gen_ai.output.messages": JSON.stringify([{ role: "assistant", content: "On its way." }]),
    "gen_ai.usage.input_tokens": 10,
    "gen_ai.usage.output_tokens": 4,
  });
  call.end();
  const failing = otel.tracer.startSpan("look_up", {}, under);
  failing.recordException(new TypeError("no such order"));
  failing.setStatus({ code: SpanStatusCode.ERROR, message: "failed" });
  failing.end();
  root.setAttribute("braintrust.tags", ["triage"]);
  root.end();
  await otel.flush();
  await otel.close();

  const { objects } = await world.server.api("GET", "/v1/project?project_name=Traced%20shop");
  const found = await events(world, objects[0].id);
  assert.deepEqual(Object.keys(found).sort(), ["chat", "look_up", "support"]);
  const { support, chat } = found;
  assert.equal(support.span_id, root.spanContext().spanId);
  assert.equal(support.root_span_id, root.spanContext().traceId);
  assert.equal(support.is_root, true);
  assert.deepEqual(support.tags, ["triage"]);
  assert.deepEqual(chat.span_parents, [support.span_id]);
  assert.deepEqual(chat.input, [{ role: "user", content: "Where is it?" }]);
  assert.deepEqual(chat.output, [{ role: "assistant", content: "On its way." }]);
  assert.equal(chat.metadata.model, "a-model");
  assert.equal(chat.span_attributes.type, "llm");
  assert.deepEqual([chat.metrics.prompt_tokens, chat.metrics.completion_tokens, chat.metrics.tokens], [10, 4, 14]);
  assert.ok(chat.metrics.end >= chat.metrics.start);
  assert.match(found.look_up.error, /^TypeError: no such order\n/);
});

test("@braintrust/otel: a trace hangs under the span that the SDK exported", async (t) => {
  const world = await World.make(t);
  const log = initLogger({
    projectId: world.project.id,
    apiKey: world.people.owner.key,
    appUrl: world.server.url,
    forceLogin: true,
    setCurrent: false,
    noExitFlush: true,
  });
  const above = log.startSpan({ name: "request" });
  const otel = tracer(world, await above.export());
  otel.tracer.startSpan("worker").end();
  await otel.flush();
  await otel.close();
  above.end();
  await log.flush();
  const { request, worker } = await events(world, world.project.id);
  assert.equal(worker.root_span_id, request.root_span_id);
  assert.deepEqual(worker.span_parents, [request.span_id]);
});
