//! Experiments and datasets: made by both generations of calls, written, read, reviewed, listed, deleted.

use concord_tests::client::{Client, text};
use concord_tests::server::TestServer;
use serde_json::{Value, json};

struct Bench {
    server: TestServer,
    owner: Client,
    project: String,
}

impl Bench {
    async fn new() -> Self {
        let server = TestServer::start().await;
        let (owner, project) = (server.owner(), server.project("Bot").await);
        Self { server, owner, project }
    }

    async fn make(&self, kind: &str, more: Value) -> Value {
        let mut body = json!({"project_id": self.project});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        self.owner.post(&format!("/v1/{kind}"), body).await.ok()
    }

    async fn log(&self, rows: Value) {
        let answer = self.owner.post("/logs3", json!({"rows": rows, "api_version": 2})).await.ok();
        assert_eq!(answer.get("errors"), None, "{answer}");
    }

    async fn events(&self, path: &str, body: Value) -> Vec<Value> {
        let answer = self.owner.post(&format!("/v1/{path}/fetch"), body).await.ok();
        answer["events"].as_array().expect("events").clone()
    }
}

#[tokio::test]
async fn an_experiment_is_new_when_asked_to_be_and_found_otherwise() {
    let bench = Bench::new().await;
    let first = bench.make("experiment", json!({"name": "May", "metadata": {"model": "s"}, "ensure_new": true})).await;
    assert_eq!((&first["name"], &first["public"], &first["tags"]), (&json!("May"), &json!(false), &Value::Null));
    let same = bench.owner.post("/v1/experiment", json!({"project_id": bench.project, "name": "May"})).await;
    assert_eq!(same.text_header("x-bt-found-existing"), "true");
    assert_eq!(same.ok()["id"], first["id"]);
    let second = bench.make("experiment", json!({"name": "May", "ensure_new": true})).await;
    let suffix = text(&second, "name").strip_prefix("May-").expect("a suffix");
    assert!(suffix.len() == 8 && suffix.chars().all(|c| c.is_ascii_hexdigit()), "{suffix}");

    let register = async |body: Value| bench.owner.post("/api/experiment/register", body).await;
    let update = register(json!({"project_name": "Bot", "experiment_name": "May", "update": true})).await.ok();
    assert_eq!((&update["experiment"]["id"], &update["project"]["name"]), (&first["id"], &json!("Bot")));
    let third = register(json!({"project_name": "Bot", "experiment_name": "May", "base_experiment": "May"})).await.ok();
    assert_ne!(third["experiment"]["id"], first["id"]);
    assert_eq!(third["experiment"]["base_exp_id"], first["id"]);
    let unnamed =
        register(json!({"project_name": "Bot", "repo_info": {"branch": "main", "commit": "c0ffee"}})).await.ok();
    assert!(text(&unnamed["experiment"], "name").starts_with("main-"), "{unnamed}");
    let grown = register(json!({"project_name": "Bot", "ancestor_commits": ["beef", "c0ffee"]})).await.ok();
    assert_eq!(grown["experiment"]["base_exp_id"], unnamed["experiment"]["id"]);
    let wrong = register(json!({"project_name": "Bot", "base_experiment": "June"})).await;
    assert!(wrong.status == 400 && wrong.body.to_string().contains("base experiment"), "{}", wrong.body);

    let base = async |id: &Value| bench.owner.post("/api/base_experiment/get_id", json!({"id": id})).await;
    assert_eq!(base(&first["id"]).await.status, 400, "the first has nothing to be compared with");
    assert_eq!(base(&second["id"]).await.ok()["base_exp_name"], "May", "the one before");
    let open = json!({"experiment_name": "May", "project_name": "Bot"});
    assert_eq!(bench.owner.post("/api/experiment/get", open).await.ok()[0]["id"], first["id"]);
}

#[tokio::test]
async fn objects_are_listed_changed_and_deleted() {
    let bench = Bench::new().await;
    let mut ids = Vec::new();
    for name in ["one", "two", "three"] {
        ids.push(
            text(&bench.make("dataset", json!({"name": name, "metadata": {"a": {"b": 1}}})).await, "id").to_owned(),
        );
    }
    let list = async |query: &str| {
        let answer = bench.owner.get(&format!("/v1/dataset?{query}")).await.ok();
        answer["objects"]
            .as_array()
            .expect("objects")
            .iter()
            .map(|found| text(found, "id").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(list("limit=2").await, [ids[2].clone(), ids[1].clone()]);
    assert_eq!(list(&format!("limit=2&starting_after={}", ids[1])).await, [ids[0].clone()]);
    assert_eq!(list(&format!("starting_after={}", ids[0])).await, [""; 0], "paging ends");
    assert_eq!(list("dataset_name=two&project_name=Bot&org_name=Acme").await, [ids[1].clone()]);
    assert_eq!(bench.owner.get(&format!("/v1/dataset?starting_after={}", bench.project)).await.status, 400);

    let shown = format!("/api/object/overview?object_type=dataset&project_id={}", bench.project);
    let shown = bench.owner.get(&shown).await.ok();
    assert_eq!((&shown["objects"][2]["name"], &shown["objects"][2]["traces"]), (&json!("one"), &json!(0)));

    let path = format!("/v1/dataset/{}", ids[0]);
    let patch = json!({"name": "uno", "metadata": {"a": {"c": 2}}, "tags": ["t"]});
    let changed = bench.owner.send(reqwest::Method::PATCH, &path, Some(&patch)).await.ok();
    assert_eq!(changed["metadata"], json!({"a": {"b": 1, "c": 2}}));
    assert_eq!((&changed["url_slug"], &changed["tags"]), (&json!("uno"), &json!(["t"])));
    let info = json!({"object_type": "dataset", "object_ids": [ids[0], bench.project]});
    let info = bench.owner.post("/api/self/get_object_info", info).await.ok();
    let parent = json!({"project": {"id": bench.project, "name": "Bot"}});
    assert_eq!(info, json!([{"object_id": ids[0], "object_name": "uno", "parent_cols": parent}]));

    bench.log(json!([{"id": "a", "dataset_id": ids[0], "input": 1}])).await;
    assert!(bench.owner.delete(&path).await.ok()["deleted_at"].is_string());
    for gone in [path.clone(), format!("{path}/fetch")] {
        assert_eq!(bench.owner.get(&gone).await.status, 404, "{gone}");
    }
    let late = bench.owner.post("/logs3", json!({"rows": [{"id": "b", "dataset_id": ids[0]}]})).await.ok();
    assert!(text(&late["errors"][0], "detail").starts_with("dataset_id: there is no dataset"), "{late}");
    assert_eq!(bench.make("dataset", json!({"name": "uno"})).await["metadata"], Value::Null, "its name is free again");
}

#[tokio::test]
async fn rows_go_where_they_are_addressed_and_are_reviewed_there() {
    let bench = Bench::new().await;
    let experiment = text(&bench.make("experiment", json!({"name": "May"})).await, "id").to_owned();
    let dataset = text(&bench.make("dataset", json!({"name": "Cases"})).await, "id").to_owned();
    bench
        .log(json!([
            {"id": "a", "project_id": bench.project, "log_id": "g", "input": "logged"},
            {"id": "a", "experiment_id": experiment, "input": "tried", "scores": {"Tone": 0.5}},
            {"id": "a", "dataset_id": dataset, "input": "asked", "expected": {"b": 1}},
        ]))
        .await;
    let [tried] = &bench.events(&format!("experiment/{experiment}"), json!({})).await[..] else { panic!("one event") };
    assert_eq!((&tried["input"], &tried["experiment_id"]), (&json!("tried"), &json!(experiment)));
    assert!(tried.get("log_id").is_none() && tried.get("org_id").is_none() && tried["is_root"] == true, "{tried}");
    let [asked] = &bench.events(&format!("dataset/{dataset}"), json!({})).await[..] else { panic!("one event") };
    assert_eq!((&asked["expected"], &asked["dataset_id"]), (&json!({"b": 1}), &json!(dataset)));
    assert!(asked.get("output").is_none() && asked.get("scores").is_none(), "{asked}");

    let place = json!({"object_type": "experiment", "object_id": experiment, "row_id": "a"});
    bench.owner.post("/api/review/open", place).await.ok();
    let feedback = json!({"feedback": [{"id": "a", "scores": {"Tone": 1}, "comment": "fine", "source": "app"}]});
    let path = format!("/v1/experiment/{experiment}/feedback");
    assert_eq!(bench.owner.post(&path, feedback).await.ok()["status"], "success");
    let metrics = format!("/api/metrics?object_type=experiment&object_id={experiment}");
    let metrics = bench.owner.get(&metrics).await.ok();
    assert_eq!((&metrics["rows"], &metrics["scores"]["Tone"]["mean"]), (&json!(1), &json!(1.0)));
    let list = format!("/api/trace?object_type=experiment&object_id={experiment}");
    assert_eq!(bench.owner.get(&list).await.ok()["traces"][0]["scores"]["Tone"], 1.0);
    let logs = bench.events(&format!("project_logs/{}", bench.project), json!({})).await;
    assert_eq!((logs.len(), &logs[0]["scores"]), (1, &Value::Null), "the logs did not move");

    // Derived rows of every object follow a changed configuration, and upkeep finds nothing to say.
    let options = json!({"categories": [{"name": "Good", "value": 1}, {"name": "Bad", "value": 0}]});
    bench.server.score(&bench.project, "Tone", "categorical", options).await;
    let options =
        async || bench.owner.get(&format!("/api/metrics?object_type=experiment&object_id={experiment}")).await.ok();
    for _ in 0..200 {
        if options().await["scores"]["Tone"]["options"] == json!({"Good": 1}) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{}", options().await);
}

#[tokio::test]
async fn a_dataset_is_fetched_as_it_was() {
    let bench = Bench::new().await;
    let dataset = text(&bench.make("dataset", json!({"name": "Cases"})).await, "id").to_owned();
    let path = format!("dataset/{dataset}");
    bench.log(json!([{"id": "a", "dataset_id": dataset, "input": 1, "expected": "x"}])).await;
    let [before] = &bench.events(&path, json!({})).await[..] else { panic!("one event") };
    let version = &before["_xact_id"];
    let merge = json!([{"id": "a", "dataset_id": dataset, "_is_merge": true, "expected": "y"}, {"id": "b", "dataset_id": dataset}]);
    bench.log(merge).await;
    bench.log(json!([{"id": "b", "dataset_id": dataset, "_object_delete": true}])).await;
    let then = bench.events(&path, json!({"version": version, "limit": 1000})).await;
    assert_eq!((then.len(), &then[0]["expected"], &then[0]["_xact_id"]), (1, &json!("x"), version));
    assert_eq!(bench.events(&path, json!({})).await[0]["expected"], "y");
    let sought = json!({"version": version, "query": "expected = 'x'"});
    assert_eq!(bench.events(&path, sought).await, then, "a filter looks at what was there then");
    let sought = json!({"version": version, "query": "expected = 'y'"});
    assert_eq!(bench.events(&path, sought).await, [json!(null); 0]);
    assert_eq!(bench.events(&path, json!({"version": "0"})).await, [json!(null); 0]);
    let page = bench.owner.get(&format!("/v1/{path}/fetch?version={}&limit=1", text(before, "_xact_id"))).await.ok();
    let end = bench.owner.get(&format!("/v1/{path}/fetch?limit=1&cursor={}", text(&page, "cursor"))).await;
    assert_eq!(end.status, 200);
    let logs = bench.owner.get(&format!("/v1/project_logs/{}/fetch?version=1", bench.project)).await;
    assert!(logs.problem().2.contains("datasets have versions"), "{:?}", logs.problem());
    let named = bench.owner.get(&format!("/environment-object/dataset/{dataset}/production?org_name=Acme")).await;
    assert!(named.status == 404 && named.problem().2.contains("\"production\""), "{:?}", named.problem());
    let summary = bench.owner.get(&format!("/v1/{path}/summarize?summarize_data=true")).await.ok();
    assert_eq!(summary["data_summary"], json!({"total_records": 1}));
    let old = bench.owner.get(&format!("/dataset-summary?dataset_id={dataset}")).await.ok();
    assert_eq!(old, json!({"total_records": 1}));
}

#[tokio::test]
async fn an_experiment_is_summarized_and_compared_input_by_input() {
    let bench = Bench::new().await;
    let before = text(&bench.make("experiment", json!({"name": "May 1"})).await, "id").to_owned();
    let now = text(&bench.make("experiment", json!({"name": "May 2"})).await, "id").to_owned();
    let row = |experiment: &str, input: &str, score: f64| {
        let id = format!("{input}-{experiment}");
        json!({"id": id, "experiment_id": experiment, "input": {"q": input}, "scores": {"Tone": score},
            "metrics": {"start": 10.0, "end": 10.5}})
    };
    bench.log(json!([row(&before, "a", 0.5), row(&before, "b", 0.5), row(&before, "c", 0.5)])).await;
    bench.log(json!([row(&now, "a", 0.75), row(&now, "b", 0.25), row(&now, "c", 0.5)])).await;
    // What a person says counts instead of what was logged.
    let feedback = json!({"feedback": [{"id": format!("c-{now}"), "scores": {"Tone": 1}, "source": "app"}]});
    bench.owner.post(&format!("/v1/experiment/{now}/feedback"), feedback).await.ok();

    let path = format!("/v1/experiment/{now}/summarize?summarize_scores=true");
    let summary = bench.owner.get(&path).await.ok();
    let url = format!("{}/app/Acme/p/Bot", bench.server.url);
    assert_eq!(summary["project_url"], json!(url));
    assert_eq!(summary["experiment_url"], json!(format!("{url}/experiments/May%202")));
    assert_eq!(summary["comparison_experiment_name"], "May 1");
    let mean = (0.75 + 0.25 + 1.0) / 3.0;
    let tone = json!({"name": "Tone", "score": mean, "diff": mean - 0.5, "improvements": 2, "regressions": 1});
    assert_eq!(summary["scores"], json!({"Tone": tone}));
    let duration =
        json!({"name": "duration", "metric": 0.5, "unit": "s", "diff": 0.0, "improvements": 0, "regressions": 0});
    assert_eq!(summary["metrics"], json!({"duration": duration}));
    let old =
        bench.owner.get(&format!("/experiment-comparison2?experiment_id={now}&base_experiment_id={before}")).await.ok();
    assert_eq!((&old["scores"], &old["metrics"]), (&summary["scores"], &summary["metrics"]));
    assert_eq!((&old["comparisonExperimentName"], &old["comparisonExperimentId"]), (&json!("May 1"), &json!(before)));

    let first = bench.owner.get(&format!("/v1/experiment/{before}/summarize?summarize_scores=true")).await.ok();
    let alone = json!({"name": "Tone", "score": 0.5, "improvements": 0, "regressions": 0});
    assert_eq!((&first["scores"]["Tone"], &first["comparison_experiment_name"]), (&alone, &Value::Null));
    let bare = bench.owner.get(&format!("/v1/experiment/{now}/summarize")).await.ok();
    assert_eq!((&bare["scores"], &bare["experiment_name"]), (&Value::Null, &json!("May 2")));
}

#[tokio::test]
async fn records_of_datasets_take_what_is_written_to_expected_and_texts() {
    let bench = Bench::new().await;
    let dataset = text(&bench.make("dataset", json!({"name": "Cases"})).await, "id").to_owned();
    let options = json!({"categories": [{"name": "late"}, {"name": "wrong"}], "config": {"destination": "expected"}});
    bench.server.score(&bench.project, "Failure", "categorical", options).await;
    bench.server.score(&bench.project, "Remarks", "free-form", json!({})).await;
    bench.server.score(&bench.project, "Tone", "slider", json!({})).await;
    bench
        .server
        .score(&bench.project, "Logs only", "free-form", json!({"config": {"object_types": ["project_logs"]}}))
        .await;
    bench.log(json!([{"id": "a", "dataset_id": dataset, "input": "q"}])).await;
    let say = async |scores: Value| {
        let body = json!({"feedback": [{"id": "a", "scores": scores, "source": "app"}]});
        bench.owner.post(&format!("/v1/dataset/{dataset}/feedback"), body).await
    };
    for (scores, reason) in [
        (json!({"Tone": 1}), "score \"Tone\" is neither"),
        (json!({"thumbs": 1}), "\"thumbs\" is no score of this project"),
        (json!({"Logs only": "x"}), "is asked on rows of project_logs"),
    ] {
        let answer = say(scores).await;
        assert!(answer.status == 422 && answer.problem().2.contains(reason), "{:?}", answer.problem());
    }
    assert_eq!(say(json!({"Failure": "late", "Remarks": "typo"})).await.ok()["status"], "success");
    let [event] = &bench.events(&format!("dataset/{dataset}"), json!({})).await[..] else { panic!("one event") };
    assert_eq!((&event["expected"], &event["metadata"]["Remarks"]), (&json!("late"), &json!("typo")));
    assert!(event.get("scores").is_none(), "{event}");
}

#[tokio::test]
async fn lists_of_experiments_show_scores_that_were_given_in_spans_of_their_own() {
    let bench = Bench::new().await;
    let made = bench.make("experiment", json!({"name": "May"})).await;
    let id = text(&made, "id");
    bench
        .log(json!([
            {"id": "a", "span_id": "a", "root_span_id": "a", "experiment_id": id, "input": 1, "scores": {"Tone": 1.0}},
            {"id": "b", "span_id": "b", "root_span_id": "a", "span_parents": ["a"], "experiment_id": id,
             "span_attributes": {"purpose": "scorer"}, "scores": {"Exact": 0.25, "Tone": 0.0}},
        ]))
        .await;
    let list = format!("/api/trace?object_type=experiment&object_id={id}");
    let list = bench.owner.get(&list).await.ok();
    assert_eq!(list["traces"][0]["scores"], json!({"Exact": 0.25, "Tone": 1.0}), "the root has the last word");
    let overview = format!("/api/object/overview?object_type=experiment&project_id={}", bench.project);
    let overview = bench.owner.get(&overview).await.ok();
    let means = json!({"Exact": {"count": 1, "mean": 0.25}, "Tone": {"count": 2, "mean": 0.5}});
    assert_eq!(overview["objects"][0]["scores"], means);
}
