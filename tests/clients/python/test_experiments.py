"""Experiments, datasets and `Eval` of the stock Python SDK, both generations, against Concord by its URL and key alone."""

import inspect
import os
import unittest

import concord

os.environ["BRAINTRUST_APP_URL"] = concord.URL
os.environ["BRAINTRUST_API_KEY"] = concord.KEY
os.environ.pop("BRAINTRUST_API_URL", None)

import braintrust  # noqa: E402  (reads its environment when it is imported)


def experiment_events(experiment):
    answer = concord.ok("POST", "/v1/experiment/%s/fetch" % experiment.id, {"limit": 1000})
    return {event["id"]: event for event in answer["events"]}


def numbers(summary):
    """The scores of a summary by name."""
    return {name: (score.score, score.improvements, score.regressions) for name, score in summary.scores.items()}


class Experiments(unittest.TestCase):
    """What an evaluation leaves behind."""

    def setUp(self):
        self.project = concord.unique("Evaluations / EU")

    def init(self, name, **more):
        return braintrust.init(project=self.project, experiment=name, set_current=False, **more)

    def test_log_feedback_and_nested_spans(self):
        experiment = self.init("May", metadata={"model": "small"}, description="The first one")
        row = experiment.log(input="in", output="out", expected="out", scores={"exact": True, "tone": 0.5}, metadata={"n": 1}, tags=["t"])
        with experiment.start_span(name="question") as span:
            span.log(input="q")
            with span.start_span(name="model", type="llm") as llm:
                llm.log(output="a", metrics={"tokens": 12})
        experiment.flush()
        experiment.log_feedback(id=row, scores={"tone": 1}, comment="better than it looks", source="app")
        experiment.flush()
        events = experiment_events(experiment)
        self.assertEqual(len(events), 3)
        self.assertEqual(events[row]["scores"], {"exact": 1, "tone": 1})
        self.assertEqual(events[row]["comments"][0]["text"], "better than it looks")
        self.assertEqual(events[row]["experiment_id"], experiment.id)
        stored = concord.ok("GET", "/v1/experiment/%s" % experiment.id)
        self.assertEqual((stored["name"], stored["metadata"], stored["description"]), ("May", {"model": "small"}, "The first one"))
        self.assertTrue(experiment.close())

    def test_names_are_new_unless_updated(self):
        first, second = self.init("May"), self.init("May")
        self.assertNotEqual(first.id, second.id)
        self.assertRegex(second.name, r"^May-[0-9a-f]{8}$")
        again = self.init("May", update=True)
        self.assertEqual((again.id, again.name), (first.id, "May"))
        self.assertTrue(self.init(None).name)

    def test_open_and_read(self):
        experiment = self.init("Kept")
        rows = [experiment.log(input=n, output=n, scores={"exact": 1}) for n in range(3)]
        experiment.flush()
        opened = braintrust.init(project=self.project, experiment="Kept", open=True)
        self.assertEqual(opened.id, experiment.id)
        with self.assertRaises(Exception) as missing:
            print(braintrust.init(project=self.project, experiment="Nowhere", open=True).id)
        self.assertIn("Nowhere", str(missing.exception))
        self.assertEqual(set(experiment_events(opened)), set(rows))
        self.assertEqual({event["id"] for event in opened.fetch()}, set(rows))

    def test_summaries_compare_input_by_input_and_people_count(self):
        base = self.init("Base")
        for question in ("a", "b", "c"):
            base.log(input=question, output="", scores={"exact": 0.5})
        base.flush()
        now = self.init("Now", base_experiment="Base")
        rows = {question: now.log(input=question, output="", scores={"exact": score}) for question, score in (("a", 0.75), ("b", 0.25), ("c", 0.5))}
        now.flush()
        now.log_feedback(id=rows["c"], scores={"exact": 1}, source="app")
        summary = now.summarize()
        self.assertEqual(summary.comparison_experiment_name, "Base")
        score, improvements, regressions = numbers(summary)["exact"]
        self.assertAlmostEqual(score, 2 / 3)
        self.assertEqual((improvements, regressions), (2, 1))
        self.assertAlmostEqual(summary.scores["exact"].diff, 2 / 3 - 0.5)
        self.assertEqual(summary.metrics["duration"].unit, "s")
        name = urllib_quote(self.project)
        self.assertEqual(summary.experiment_url, "%s/app/%s/p/%s/experiments/Now" % (concord.URL, "acme", name))
        self.assertEqual(numbers(base.summarize())["exact"], (0.5, 0, 0), "the first has nothing to be compared with")

    def test_a_base_experiment_that_is_not_there_costs_nothing(self):
        self.assertTrue(self.init("Lonely", base_experiment="Nowhere").id)

    def test_eval_and_its_summary(self):
        def run(model):
            return braintrust.Eval(
                self.project,
                experiment_name=model,
                data=[{"input": word, "expected": word.upper()} for word in ("one", "two", "three", "four")],
                task=str.upper if model == "good" else (lambda word: word.upper() if word != "two" else word),
                scores=[exact_match],
            )

        bad, good = run("bad"), run("good")
        self.assertEqual(numbers(bad.summary)["exact_match"], (0.75, 0, 0))
        self.assertEqual(numbers(good.summary)["exact_match"], (1.0, 1, 0))
        self.assertEqual(good.summary.comparison_experiment_name, "bad")
        self.assertAlmostEqual(good.summary.scores["exact_match"].diff, 0.25)


def exact_match(input, output, expected):
    return 1 if output == expected else 0


def urllib_quote(text):
    import urllib.parse

    return urllib.parse.quote(text, safe="!~*'()")


class Datasets(unittest.TestCase):
    """Records, their versions, and evaluations on them."""

    def setUp(self):
        self.project, self.name = concord.unique("Cases"), "Golden set"
        self.dataset = self.open()

    def open(self, **more):
        return braintrust.init_dataset(project=self.project, name=self.name, **more)

    def rows(self, **more):
        answer = concord.ok("POST", "/v1/dataset/%s/fetch" % self.dataset.id, {"limit": 1000, **more})
        return {event["id"]: event for event in answer["events"]}

    def test_insert_update_delete(self):
        one = self.dataset.insert(input={"q": "one"}, expected="1", metadata={"n": 1}, tags=["t"])
        two = self.dataset.insert(input={"q": "two"}, expected="2", id="chosen by us")
        self.assertEqual(two, "chosen by us")
        self.dataset.flush()
        self.dataset.update(id=one, metadata={"m": 2})
        self.dataset.flush()
        rows = self.rows()
        self.assertEqual(rows[one]["metadata"], {"n": 1, "m": 2})
        self.assertEqual((rows[two]["input"], rows[two]["expected"]), ({"q": "two"}, "2"))
        self.assertEqual(rows[two]["dataset_id"], self.dataset.id)
        self.dataset.delete(two)
        self.dataset.flush()
        self.assertEqual(set(self.rows()), {one})
        summary = self.dataset.summarize()
        self.assertEqual((summary.project_name, summary.dataset_name), (self.project, self.name))
        # The first generation names its class and key otherwise.
        total = getattr(summary.data_summary, "total_records", None) or summary.data_summary["total_records"]
        self.assertEqual(total, 1)
        self.assertEqual(self.open().id, self.dataset.id, "the same name is the same dataset")

    def test_versions(self):
        row = self.dataset.insert(input="q", expected="first")
        gone = self.dataset.insert(input="r", expected="first")
        self.dataset.flush()
        version = max(event["_xact_id"] for event in self.rows().values())
        self.dataset.update(id=row, expected="second")
        self.dataset.delete(gone)
        self.dataset.flush()
        self.assertEqual({event["expected"] for event in self.rows().values()}, {"second"})
        pinned = self.open(version=version)
        self.assertEqual(pinned.version, version)
        then = self.rows(version=version)
        self.assertEqual({id: event["expected"] for id, event in then.items()}, {row: "first", gone: "first"})

    def test_a_dataset_by_its_id(self):
        if "dataset_id" not in inspect.signature(braintrust.init_dataset).parameters:
            self.skipTest("this generation finds datasets by their names only")
        self.dataset.insert(id="one", input=1)
        self.dataset.flush()
        self.assertEqual([event["id"] for event in braintrust.init_dataset(dataset_id=self.dataset.id).fetch()], ["one"])

    def test_an_experiment_remembers_its_dataset(self):
        self.dataset.insert(input="one", expected="ONE")
        self.dataset.flush()
        version = max(event["_xact_id"] for event in self.rows().values())
        experiment = braintrust.init(project=self.project, experiment="On cases", dataset=self.open(version=version), set_current=False)
        stored = concord.ok("GET", "/v1/experiment/%s" % experiment.id)
        self.assertEqual((stored["dataset_id"], stored["dataset_version"]), (self.dataset.id, version))

    def test_eval_reads_the_dataset(self):
        for word in ("one", "two"):
            self.dataset.insert(input=word, expected=word.upper())
        self.dataset.flush()
        result = braintrust.Eval(self.project, experiment_name="On cases", data=self.open(), task=str.upper, scores=[exact_match])
        self.assertEqual(numbers(result.summary)["exact_match"], (1.0, 0, 0))
        self.assertEqual({event["expected"] for event in self.open().fetch()}, {"ONE", "TWO"})
        events = concord.ok("POST", "/v1/experiment/%s/fetch" % result.summary.experiment_id, {"limit": 1000})["events"]
        origins = {event["origin"]["object_id"] for event in events if event["is_root"]}
        self.assertEqual(origins, {self.dataset.id}, "each row says which record it was made from")


if __name__ == "__main__":
    unittest.main()
