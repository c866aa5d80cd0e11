"""The generated REST client `braintrust-api`, with nothing but its base URL and key changed."""

import unittest

import concord
from braintrust_api import BadRequestError, Braintrust

client = Braintrust(base_url=concord.URL, api_key=concord.KEY)


class Rest(unittest.TestCase):
    """Projects, logs and scores."""

    def setUp(self):
        self.name = concord.unique("Rest")
        self.project = client.projects.create(name=self.name)

    def test_create_returns_the_project_that_is_there(self):
        self.assertEqual(client.projects.create(name=self.name).id, self.project.id)
        self.assertEqual(client.projects.retrieve(self.project.id).name, self.name)

    def test_lists_end(self):
        for _ in range(3):
            client.projects.create(name=concord.unique("Rest"))
        ids = [project.id for project in client.projects.list(limit=2)]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertGreaterEqual(len(ids), 4)
        self.assertEqual([p.id for p in client.projects.list(project_name=self.name)], [self.project.id])

    def test_rename_and_delete(self):
        name = concord.unique("Renamed")
        self.assertEqual(client.projects.update(self.project.id, name=name).name, name)
        self.assertEqual(client.projects.delete(self.project.id).id, self.project.id)
        self.assertEqual([p.id for p in client.projects.list(project_name=name)], [])

    def test_insert_merge_and_fetch(self):
        logs = client.projects.logs
        first = logs.insert(self.project.id, events=[{"input": {"a": {"b": 10}, "c": {"d": 20}}, "output": {"a": 20}}, {"input": "other"}])
        self.assertEqual(len(first.row_ids), 2)
        row = first.row_ids[0]
        logs.insert(
            self.project.id,
            events=[
                {
                    "id": row,
                    "_is_merge": True,
                    "_merge_paths": [["input", "a"], ["output"]],
                    "input": {"a": {"q": 30}, "c": {"e": 30}, "bar": "baz"},
                    "output": {"d": 40},
                }
            ],
        )
        found = {event.id: event for event in logs.fetch_post(self.project.id, limit=10).events}
        self.assertEqual(found[row].input, {"a": {"q": 30}, "c": {"d": 20, "e": 30}, "bar": "baz"})
        self.assertEqual(found[row].output, {"d": 40})
        self.assertEqual({event.id for event in logs.fetch(self.project.id, limit=10).events}, set(first.row_ids))
        logs.insert(self.project.id, events=[{"id": first.row_ids[1], "_object_delete": True}])
        self.assertEqual([event.id for event in logs.fetch(self.project.id, limit=10).events], [row])

    def test_fetch_with_a_filter(self):
        logs = client.projects.logs
        events = [{"id": "s%s" % score, "input": score, "scores": {"Preference": score}} for score in (0.5, 0.9)]
        logs.insert(self.project.id, events=events)
        query = "scores.Preference > 0.75"
        ids = lambda answer: [event.id for event in answer.events]
        self.assertEqual(ids(logs.fetch(self.project.id, extra_query={"query": query})), ["s0.9"])
        self.assertEqual(ids(logs.fetch_post(self.project.id, extra_body={"query": query})), ["s0.9"])
        lookup = {"type": "path_lookup", "path": ["scores", "Preference"], "value": 0.5}
        self.assertEqual(ids(logs.fetch_post(self.project.id, extra_body={"filters": [lookup, "is_root"]})), ["s0.5"])
        with self.assertRaisesRegex(BadRequestError, "line 1, column 20"):
            logs.fetch(self.project.id, extra_query={"query": "scores.Preference >"})

    def test_feedback(self):
        logs = client.projects.logs
        row = logs.insert(self.project.id, events=[{"input": "in", "output": "out"}]).row_ids[0]
        answer = logs.feedback(
            self.project.id,
            feedback=[
                {"id": row, "scores": {"correctness": 0.5}, "expected": {"a": 1}, "source": "app"},
                {"id": row, "comment": "said by REST", "tags": ["t"], "source": "api"},
            ],
        )
        self.assertEqual(answer.status, "success")
        found = concord.events(self.project.id)[row]
        self.assertEqual(found["scores"]["correctness"], 0.5)
        self.assertEqual(found["expected"], {"a": 1})
        self.assertEqual([comment["text"] for comment in found["comments"]], ["said by REST"])
        self.assertEqual(found["tags"], ["t"])

    def test_flags_and_assignments_are_columns_of_every_kind_of_row(self):
        me = concord.ok("GET", "/api/member")["members"][0]["id"]
        lists = {"__bt_default_review_list": {"status": "PENDING"}}
        metadata = {"~__bt_review_lists": lists, "~__bt_assignments": [me]}
        flag = {"id": "row", "_is_merge": True, "_merge_paths": [["metadata", key] for key in metadata], "metadata": metadata}
        experiment = client.experiments.create(project_id=self.project.id, name="Flagged")
        dataset = client.datasets.create(project_id=self.project.id, name="Flagged")
        for resource, of in ((client.projects.logs, self.project), (client.experiments, experiment), (client.datasets, dataset)):
            resource.insert(of.id, events=[{"id": "row", "input": 1, "metadata": {"kept": True}}])
            resource.insert(of.id, events=[flag])
            [event] = resource.fetch_post(of.id, limit=5, extra_body={"query": "__bt_assignments includes '%s'" % me}).events
            shown = event.to_dict()
            self.assertEqual((shown["__bt_review_lists"], shown["__bt_assignments"]), (lists, [me]), resource)
            self.assertEqual(shown["metadata"]["kept"], True)
            self.assertEqual(shown["review"]["status"], "awaiting")

    def test_pages_of_a_fetch_hold_every_trace_once(self):
        rows = client.projects.logs.insert(self.project.id, events=[{"input": n} for n in range(25)]).row_ids
        seen, cursor = [], None
        for _ in range(20):
            page = concord.ok("POST", "/v1/project_logs/%s/fetch" % self.project.id, {"limit": 10, "cursor": cursor})
            seen += [event["id"] for event in page["events"]]
            cursor = page.get("cursor")
            if not cursor:
                break
        self.assertEqual(sorted(seen), sorted(rows))

    def test_scores(self):
        scores = client.project_scores
        categories = [{"name": "Pass", "value": 1}, {"name": "Fail", "value": 0}]
        slider = scores.create(project_id=self.project.id, name="Tone", score_type="slider")
        verdict = scores.create(project_id=self.project.id, name="Verdict", score_type="categorical", categories=categories)
        remarks = scores.create(project_id=self.project.id, name="Remarks", score_type="free-form")
        self.assertEqual(scores.create(project_id=self.project.id, name="Tone", score_type="categorical", categories=categories).id, slider.id)
        self.assertEqual(scores.retrieve(slider.id).score_type, "slider", "an existing score comes back unchanged")
        listed = [score.id for score in scores.list(project_id=self.project.id, limit=2)]
        self.assertEqual(sorted(listed), sorted([slider.id, verdict.id, remarks.id]))
        self.assertEqual(scores.update(slider.id, description="How it sounds").description, "How it sounds")
        self.assertEqual(scores.delete(remarks.id).id, remarks.id)
        self.assertEqual(len(list(scores.list(project_id=self.project.id))), 2)

    def test_all_kinds_of_scores(self):
        scores = client.project_scores
        for name in ("A", "B"):
            scores.create(project_id=self.project.id, name=name, score_type="slider")
        weights = {"A": 0.75, "B": 0.25}
        scores.create(project_id=self.project.id, name="All", score_type="weighted", categories=weights)
        scores.create(project_id=self.project.id, name="Worst", score_type="minimum", categories=["A", "B"])
        scores.create(project_id=self.project.id, name="Best", score_type="maximum", categories=["A", "B"])
        choice = {"categories": [{"name": "Late", "value": 0}, {"name": "Rude", "value": 1}], "score_type": "categorical"}
        config = {"destination": "expected", "multi_select": True}
        kept = scores.replace(project_id=self.project.id, name="Why", config=config, **choice)
        self.assertEqual((kept.config.destination, kept.config.multi_select), ("expected", True))
        online = {"online": {"sampling_rate": 0.5, "scorers": [{"type": "global", "name": "Factuality"}]}}
        scores.create(project_id=self.project.id, name="Auto", score_type="online", config=online)
        listed = scores.list(project_id=self.project.id, score_type=["weighted", "minimum", "maximum"])
        self.assertEqual(sorted(score.name for score in listed), ["All", "Best", "Worst"])
        row = client.projects.logs.insert(self.project.id, events=[{"input": 1, "scores": {"A": 1, "B": 0.5}}]).row_ids[0]
        shown = concord.events(self.project.id)[row]["scores"]
        self.assertEqual(shown, {"A": 1, "B": 0.5, "All": 0.875, "Worst": 0.5, "Best": 1})

    def test_tags(self):
        tags = client.project_tags
        late = tags.create(project_id=self.project.id, name="late", color="#ff0000")
        self.assertTrue(late.user_id)
        self.assertEqual(tags.create(project_id=self.project.id, name="late", color="blue").color, "#ff0000")
        self.assertEqual(tags.replace(project_id=self.project.id, name="late", color="blue").color, "blue")
        tags.create(project_id=self.project.id, name="rude")
        self.assertEqual([tag.name for tag in tags.list(project_id=self.project.id, limit=1)], ["rude", "late"])
        self.assertEqual([tag.id for tag in tags.list(project_name=self.name, project_tag_name="late")], [late.id])
        self.assertEqual(tags.update(late.id, description="Too slow").description, "Too slow")
        self.assertEqual(tags.retrieve(late.id).description, "Too slow")
        self.assertEqual(tags.delete(late.id).id, late.id)
        self.assertEqual([tag.name for tag in tags.list(ids=[late.id])], [])

    def test_views(self):
        views, of = client.views, {"object_type": "project", "object_id": self.project.id}
        data = {"search": {"filter": ["tags includes 'late'"]}}
        options = {"columnVisibility": {"input": False}, "rowHeight": "tall", "own": {"kept": [1, None]}}
        late = views.create(name="Late", view_type="logs", view_data=data, options=options, **of)
        self.assertEqual(late.to_dict()["options"], options)
        self.assertEqual(views.create(name="Late", view_type="logs", **of).id, late.id)
        # Typed clients do not know this kind yet and pass it on.
        review = views.create(name="Queue", view_type="for_review_project_log", **of)
        self.assertEqual([view.id for view in views.list(limit=1, **of)], [review.id, late.id])
        self.assertEqual([view.id for view in views.list(view_name="Late", view_type="logs", **of)], [late.id])
        self.assertEqual(views.retrieve(late.id, **of).view_data.search.filter, data["search"]["filter"])
        self.assertEqual(views.update(late.id, name="Slow", **of).name, "Slow")
        self.assertIsNone(views.replace(name="Slow", view_type="logs", **of).view_data)
        self.assertEqual(views.delete(late.id, **of).id, late.id)
        self.assertEqual([view.id for view in views.list(**of)], [review.id])

    def test_users_and_organizations(self):
        owner = [user for user in client.users.list() if user.email][0]
        self.assertEqual([user.id for user in client.users.list(email=[owner.email])], [owner.id])
        self.assertEqual(client.users.retrieve(owner.id).email, owner.email)
        self.assertEqual([user.id for user in client.users.list(ids=[owner.id], limit=1)], [owner.id])
        self.assertEqual(list(client.users.list(family_name=["Nobody"])), [])
        [organization] = client.organizations.list()
        self.assertEqual(client.organizations.retrieve(organization.id).name, organization.name)
        self.assertEqual(client.organizations.update(organization.id, name=organization.name).id, organization.id)
        self.assertEqual(client.top_level.hello_world(), "Hello, World!")

    def test_a_wrong_score_says_what_would_be_right(self):
        status, problem = concord.call(
            "POST",
            "/v1/project_score",
            {"project_id": self.project.id, "name": "Verdict", "score_type": "categorical", "categories": [{"name": "Pass", "value": 3}]},
        )
        self.assertIn(status, (400, 422))
        self.assertIn("Pass", problem["detail"])

    def test_an_unknown_project_is_404(self):
        status, problem = concord.call("POST", "/v1/project_logs/00000000-0000-4000-8000-000000000000/insert", {"events": [{"input": 1}]})
        self.assertEqual(status, 404)
        self.assertTrue(problem["detail"])

    def test_experiments(self):
        experiments = client.experiments
        made = experiments.create(project_id=self.project.id, name="May", metadata={"model": "small"})
        self.assertEqual(experiments.create(project_id=self.project.id, name="May").id, made.id)
        self.assertNotEqual(experiments.create(project_id=self.project.id, name="May", ensure_new=True).name, "May")
        self.assertEqual(experiments.retrieve(made.id).metadata, {"model": "small"})
        self.assertEqual([e.id for e in experiments.list(project_id=self.project.id, experiment_name="May")], [made.id])
        self.assertEqual(len(list(experiments.list(project_name=self.name, limit=1))), 2)
        row = experiments.insert(made.id, events=[{"input": "q", "output": "a", "scores": {"tone": 0.25}}]).row_ids[0]
        self.assertEqual(experiments.feedback(made.id, feedback=[{"id": row, "scores": {"tone": 0.75}, "source": "app"}]).status, "success")
        self.assertEqual(experiments.fetch(made.id, limit=10).events[0].scores, {"tone": 0.75})
        self.assertEqual([event.id for event in experiments.fetch_post(made.id, limit=10).events], [row])
        summary = experiments.summarize(made.id, summarize_scores=True)
        self.assertEqual((summary.scores["tone"].score, summary.experiment_name), (0.75, "May"))
        self.assertEqual(experiments.update(made.id, name="June").name, "June")
        self.assertEqual(experiments.delete(made.id).id, made.id)
        self.assertEqual(list(experiments.list(project_id=self.project.id, experiment_name="June")), [])

    def test_datasets(self):
        datasets = client.datasets
        made = datasets.create(project_id=self.project.id, name="Cases", description="of May")
        self.assertEqual(datasets.create(project_id=self.project.id, name="Cases").id, made.id)
        self.assertEqual([d.id for d in datasets.list(dataset_name="Cases", project_name=self.name)], [made.id])
        row = datasets.insert(made.id, events=[{"input": "q", "expected": {"a": 1}}]).row_ids[0]
        version = datasets.fetch(made.id, limit=10).events[0]._xact_id
        self.assertEqual(datasets.feedback(made.id, feedback=[{"id": row, "comment": "a good case", "tags": ["hard"]}]).status, "success")
        datasets.insert(made.id, events=[{"id": row, "_is_merge": True, "expected": {"b": 2}}])
        self.assertEqual(datasets.fetch_post(made.id, limit=10).events[0].expected, {"a": 1, "b": 2})
        self.assertEqual(datasets.fetch_post(made.id, version=version).events[0].expected, {"a": 1})
        self.assertEqual(datasets.summarize(made.id, summarize_data=True).data_summary.total_records, 1)
        self.assertEqual(datasets.update(made.id, metadata={"k": 1}).metadata, {"k": 1})
        self.assertEqual(datasets.retrieve(made.id).description, "of May")
        self.assertEqual(datasets.delete(made.id).id, made.id)


if __name__ == "__main__":
    unittest.main()
