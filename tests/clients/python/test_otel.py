"""`braintrust[otel]`: the stock exporter, protobuf over HTTP, with nothing but its URL and key changed."""

import unittest

import braintrust
import concord
from braintrust.otel import BraintrustSpanProcessor, OtelExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind


def rows(project):
    """Rows of a project by the name of their span."""
    return {row["span_attributes"]["name"]: row for row in concord.events(concord.project_id(project)).values()}


class Otel(unittest.TestCase):
    """Spans as rows."""

    def test_spans_arrive_with_their_tree_and_fields(self):
        name = concord.unique("Otel")
        processor = BraintrustSpanProcessor(api_key=concord.KEY, api_url=concord.URL, parent="project_name:" + name)
        provider = TracerProvider()
        provider.add_span_processor(processor)
        tracer = provider.get_tracer("shop", "1.0")
        with tracer.start_as_current_span("support", kind=SpanKind.SERVER) as root:
            root.set_attribute("braintrust.metadata", '{"user_id": "u1"}')
            root.set_attribute("braintrust.scores", '{"Faithfulness": 0.5}')
            with tracer.start_as_current_span("chat") as call:
                call.set_attribute("gen_ai.system", "openai")
                call.set_attribute("gen_ai.request.model", "a-model")
                call.set_attribute("gen_ai.prompt.0.role", "user")
                call.set_attribute("gen_ai.prompt.0.content", "Where is it?")
                call.set_attribute("gen_ai.completion.0.role", "assistant")
                call.set_attribute("gen_ai.completion.0.content", "On its way.")
                call.set_attribute("gen_ai.usage.prompt_tokens", 10)
                call.set_attribute("gen_ai.usage.completion_tokens", 4)
            with self.assertRaises(ValueError), tracer.start_as_current_span("look_up"):
                raise ValueError("no such order")
        self.assertTrue(processor.force_flush())
        provider.shutdown()

        found = rows(name)
        self.assertEqual(sorted(found), ["chat", "look_up", "support"])
        support, chat = found["support"], found["chat"]
        self.assertEqual(support["id"], "%016x" % root.get_span_context().span_id)
        self.assertEqual(support["root_span_id"], "%032x" % root.get_span_context().trace_id)
        self.assertTrue(support["is_root"])
        self.assertEqual(support["metadata"], {"user_id": "u1"})
        self.assertEqual(support["scores"], {"Faithfulness": 0.5})
        self.assertEqual(support["context"]["span_kind"], "server")
        self.assertEqual(chat["span_parents"], [support["span_id"]])
        self.assertEqual(chat["input"], [{"role": "user", "content": "Where is it?"}])
        self.assertEqual(chat["output"], [{"role": "assistant", "content": "On its way."}])
        self.assertEqual(chat["metadata"], {"model": "a-model", "provider": "openai"})
        self.assertEqual(chat["metrics"]["tokens"], 14)
        self.assertIn("ValueError: no such order", found["look_up"]["error"])

    def test_compressed_and_sent_twice_is_one_row(self):
        name = concord.unique("Otel gzip")
        exporter = OtelExporter(
            url=concord.URL + "/otel/v1/traces", api_key=concord.KEY, parent="project_name:" + name, compression=Compression.Gzip
        )
        provider = TracerProvider()
        for _ in range(2):
            provider.add_span_processor(SimpleSpanProcessor(exporter))
        with provider.get_tracer("shop").start_as_current_span("once") as span:
            span.set_attribute("braintrust.input", "in " * 1000)
        found = concord.events(concord.project_id(name))
        self.assertEqual([row["input"] for row in found.values()], ["in " * 1000])

    def test_a_trace_hangs_under_an_exported_span(self):
        name = concord.unique("Otel under")
        logger = braintrust.init_logger(
            project=name, api_key=concord.KEY, app_url=concord.URL, force_login=True, set_current=False, async_flush=False
        )
        above = logger.start_span(name="request")
        exporter = OtelExporter(url=concord.URL + "/otel/v1/traces", api_key=concord.KEY, parent=above.export())
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        with provider.get_tracer("shop").start_as_current_span("worker"):
            pass
        above.end()
        logger.flush()
        found = rows(name)
        self.assertEqual(found["worker"]["root_span_id"], found["request"]["root_span_id"])
        self.assertEqual(found["worker"]["span_parents"], [found["request"]["span_id"]])
