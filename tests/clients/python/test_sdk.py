"""The stock Python SDK of Braintrust, pointed at Concord by its URL and key alone. Runs on old and new generations."""

import os
import unittest
import urllib.parse
import urllib.request

import concord

os.environ["BRAINTRUST_APP_URL"] = concord.URL
os.environ["BRAINTRUST_API_KEY"] = concord.KEY
os.environ.pop("BRAINTRUST_API_URL", None)

import braintrust  # noqa: E402  (reads its environment when it is imported)


class Spans(unittest.TestCase):
    """What a traced program leaves behind."""

    def setUp(self):
        self.name = concord.unique("Support Bot")
        self.logger = braintrust.init_logger(project=self.name)

    def rows(self):
        self.logger.flush()
        return concord.events(concord.project_id(self.name))

    def test_nested_spans_by_start_span_and_traced(self):
        @braintrust.traced
        def look_up(order):
            braintrust.current_span().log(metadata={"cache": "miss"})
            return {"order": order, "state": "shipped"}

        with self.logger.start_span(name="support", type="task") as root:
            root.log(input={"question": "Where is it?"}, tags=["triage"], metadata={"user_id": "u1"})
            with root.start_span(name="answer", type="llm") as llm:
                llm.log(
                    input=[{"role": "user", "content": "Where is it?"}],
                    output=[{"role": "assistant", "content": "On its way."}],
                    metrics={"tokens": 14},
                    metadata={"model": "a-model"},
                )
            look_up(7)
            root.log(output="On its way.", scores={"Faithfulness": 0.9, "flagged": True})
        rows = self.rows()
        self.assertEqual(len(rows), 3)
        top = rows[root.id]
        by_name = {row["span_attributes"]["name"]: row for row in rows.values()}
        self.assertTrue(top["is_root"])
        self.assertEqual(top["input"], {"question": "Where is it?"})
        self.assertEqual(top["output"], "On its way.")
        self.assertEqual(top["tags"], ["triage"])
        self.assertEqual(top["scores"], {"Faithfulness": 0.9, "flagged": 1})
        for child in ("answer", "look_up"):
            self.assertEqual(by_name[child]["span_parents"], [top["span_id"]])
            self.assertEqual(by_name[child]["root_span_id"], top["root_span_id"])
            self.assertFalse(by_name[child]["is_root"])
        self.assertEqual(by_name["answer"]["metrics"]["tokens"], 14)
        self.assertEqual(by_name["look_up"]["input"]["order"] if isinstance(by_name["look_up"]["input"], dict) else 7, 7)
        self.assertEqual(by_name["look_up"]["output"], {"order": 7, "state": "shipped"})
        self.assertEqual(by_name["look_up"]["metadata"]["cache"], "miss")
        self.assertGreaterEqual(top["metrics"]["end"], by_name["answer"]["metrics"]["end"])

    def test_log_and_three_kinds_of_feedback(self):
        row = self.logger.log(input="in", output="out", scores={"Faithfulness": 0.9}, tags=["t1"])
        self.logger.flush()
        self.logger.log_feedback(id=row, scores={"correctness": 1}, expected="better", source="app", metadata={"reason": "checked"})
        # Feedback on one row that goes out in one batch is merged by the SDK into one row with one source: the last.
        self.logger.flush()
        self.logger.log_feedback(id=row, comment="nice", tags=["t2"], source="api")
        self.logger.flush()
        self.logger.log_feedback(id=row, scores={"thumbs": 0}, comment="no help", metadata={"user_id": "u9"})

        found = self.rows()[row]
        me = concord.ok("GET", "/api/member")["members"][0]["id"]
        self.assertEqual(found["scores"], {"Faithfulness": 0.9, "correctness": 1, "thumbs": 0})
        self.assertEqual(found["expected"], "better")
        self.assertEqual(sorted(found["tags"]), ["t1", "t2"])
        said = {comment["text"]: (comment["author"]["id"], comment["source"]) for comment in found["comments"]}
        self.assertEqual(said, {"nice": (me, "api"), "no help": ("external:u9", "external")})
        self.assertEqual(found["reviews"][me]["scores"]["correctness"], 1)
        self.assertEqual(found["reviews"]["external:u9"]["scores"]["thumbs"], 0)
        # By which way each fact came is on record.
        place = {"object_type": "project_logs", "object_id": concord.project_id(self.name), "row_id": row}
        document = concord.ok("POST", "/api/review/open", place)["document_id"]
        entries = concord.ok("GET", "/api/review/%s/history" % document)["entries"]
        ways = {entry["path"].rsplit("/", 1)[1]: entry["source"] for entry in entries}
        self.assertEqual((ways["correctness"], ways["t2"], ways["thumbs"]), ("app", "api", "external"))

    def test_update_span_merges(self):
        with self.logger.start_span(name="later") as span:
            span.log(input="in", output="first", metadata={"a": 1, "nest": {"x": 1}})
        exported = span.export()
        self.logger.flush()
        self.logger.update_span(id=span.id, output="second", metadata={"nest": {"y": 2}})
        self.logger.flush()
        braintrust.update_span(exported=exported, tags=["late"])
        braintrust.flush()
        found = self.rows()[span.id]
        self.assertEqual(found["output"], "second")
        self.assertEqual(found["input"], "in")
        self.assertEqual(found["metadata"], {"a": 1, "nest": {"x": 1, "y": 2}})
        self.assertEqual(found["tags"], ["late"])

    def test_a_permalink_leads_to_the_row(self):
        with self.logger.start_span(name="linked") as span:
            span.log(input="in", output="out")
        self.logger.flush()
        link = urllib.parse.urlparse(braintrust.permalink(span.export()))
        self.assertEqual("%s://%s" % (link.scheme, link.netloc), concord.URL)
        self.assertEqual(link.path, "/app/acme/object")
        query = {key: values[0] for key, values in urllib.parse.parse_qs(link.query).items()}
        self.assertEqual(query["object_type"], "project_logs")
        self.assertEqual(query["object_id"], concord.project_id(self.name))
        found = concord.ok("GET", "/api/locate?" + link.query)
        self.assertEqual(found["id"], span.id)
        # The page itself is the web app.
        status, page = concord.call("GET", link.path + "?" + link.query, accept="text/html")
        self.assertEqual(status, 200, page)

    def test_an_attachment_is_uploaded_and_read_back(self):
        data = bytes(range(256)) * 40
        file = braintrust.Attachment(data=data, filename="map.png", content_type="image/png")
        self.logger.log(input={"question": "Where?", "map": file}, output="Here.")
        [row] = self.rows().values()
        reference = row["input"]["map"]
        self.assertEqual((reference["type"], reference["filename"]), ("braintrust_attachment", "map.png"))
        query = urllib.parse.urlencode({key: reference[key] for key in ("key", "filename", "content_type")})
        found = concord.ok("GET", "/attachment?" + query)
        self.assertEqual(found["status"], {"upload_status": "done"})
        with urllib.request.urlopen(found["downloadUrl"], timeout=30) as response:
            self.assertEqual(response.read(), data)
            self.assertEqual(response.headers["Content-Type"], "image/png")
            self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")

    def test_a_batch_above_the_limit_goes_by_the_overflow(self):
        big = "x" * (7 << 20)
        self.logger.log(input={"big": big}, output="small")
        [row] = self.rows().values()
        self.assertEqual(len(row["input"]["big"]), len(big))

    def test_a_logger_of_a_project_by_its_id(self):
        project = concord.ok("POST", "/v1/project", {"name": self.name})["id"]
        logger = braintrust.init_logger(project_id=project, set_current=False)
        self.assertEqual(logger.project.name, self.name)
        row = logger.log(input="in", output="out")
        logger.flush()
        self.assertEqual(set(concord.events(project)), {row})

    def test_resume_by_exported_parent(self):
        with self.logger.start_span(name="first half") as parent:
            parent.log(input="in")
        self.logger.flush()
        with braintrust.start_span(name="second half", parent=parent.export()) as child:
            child.log(output="out")
        rows = self.rows()
        self.assertEqual(rows[child.id]["root_span_id"], rows[parent.id]["root_span_id"])
        self.assertEqual(rows[child.id]["span_parents"], [rows[parent.id]["span_id"]])

    def test_a_dataset_is_read_by_filter_and_order(self):
        def dataset(**more):
            return braintrust.init_dataset(project=self.name, name="questions", **more)

        written = dataset()
        for n in range(4):
            written.insert(id="q%d" % n, input={"n": n}, expected=n % 2, metadata={"category": "premium" if n < 2 else "basic"})
        written.flush()
        self.assertEqual(sorted(row["id"] for row in dataset().fetch()), ["q0", "q1", "q2", "q3"])
        some = {"filter": {"btql": "metadata.category = 'basic'"}, "sort": [{"expr": {"btql": "input.n"}, "dir": "desc"}]}
        self.assertEqual([row["id"] for row in dataset(_internal_btql=some).fetch()], ["q3", "q2"])
        odd = {"filter": {"op": "eq", "left": {"op": "ident", "name": ["expected"]}, "right": {"op": "literal", "value": 1}}}
        self.assertEqual(sorted(row["id"] for row in dataset(_internal_btql=odd).fetch(batch_size=1)), ["q1", "q3"])

    def test_not_a_number_costs_nothing_else(self):
        row = self.logger.log(input="in", output={"loss": float("inf")}, metrics={"tokens": 3})
        found = self.rows()[row]
        self.assertEqual(found["input"], "in")
        self.assertEqual(found["metrics"]["tokens"], 3)


class BadRows(unittest.TestCase):
    """`POST /logs3` as the SDKs send it: a bad row never costs its batch."""

    def test_good_rows_beside_bad_ones_are_stored(self):
        name = concord.unique("Mixed")
        project = concord.ok("POST", "/v1/project", {"name": name})["id"]
        base = {"project_id": project, "log_id": "g"}
        rows = [
            {**base, "id": "good-1", "input": "one", "span_id": "s1", "root_span_id": "r1", "span_parents": None, "tags": None, "scores": None},
            {**base, "id": "bad-scores", "input": "two", "scores": {"Quality": 7}},
            {**base, "id": "bad-tags", "tags": "not a list"},
            {"id": "nowhere", "input": "no container"},
            {"id": "elsewhere", "project_id": "00000000-0000-4000-8000-000000000000", "log_id": "g"},
            "no row at all",
            {**base, "id": "nan", "input": "three", "scores": {"Quality": "NaN"}, "some_future_key": {"a": 1}},
            {**base, "id": "good-2", "input": "four"},
        ]
        # No content type, as the SDK sends it.
        status, answer = concord.call("POST", "/logs3", concord.json.dumps({"rows": rows, "api_version": 2}).encode(), content_type="")
        self.assertEqual(status, 200, answer)
        self.assertTrue(answer["ids"])
        stored = concord.events(project)
        self.assertEqual(stored["good-1"]["input"], "one")
        self.assertEqual(stored["good-2"]["input"], "four")
        self.assertEqual(stored["nan"]["input"], "three", "a value that is no number costs that score alone")
        self.assertNotIn("nowhere", stored)
        told = {error["index"]: error["detail"] for error in answer["errors"]}
        for index in (3, 4, 5):
            self.assertIn(index, told)
            self.assertTrue(told[index])

    def test_an_empty_batch_is_answered_with_json(self):
        status, answer = concord.call("POST", "/logs3", {"rows": [], "api_version": 2})
        self.assertEqual((status, answer["ids"]), (200, []))

    def test_a_wrong_key_is_told_in_words(self):
        status, answer = concord.call("POST", "/api/apikey/login", b"", key="sk-wrong")
        self.assertEqual(status, 401)
        self.assertTrue(answer["detail"])


if __name__ == "__main__":
    unittest.main()
