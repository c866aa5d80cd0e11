"""SQuALITY as a team would evaluate: the questions as a dataset, each system as an experiment on it, reviews as feedback.

Usage: experiments.py FOLDER, with BRAINTRUST_APP_URL and BRAINTRUST_API_KEY in the environment. Fails unless each summary is the
published mean to 0.05 of a hundred: every answer has three reviews, so the mean of means is the mean of all.
"""

import json
import pathlib
import sys

import braintrust

PROJECT = "SQuALITY experiments"
SCORES = {"Correctness": "correctness-rating", "Coverage": "selection-rating", "Overall": "overall-rating"}
TABLE = {
    "bart": {"Correctness": 34.8, "Coverage": 15.6, "Overall": 18.1},
    "bart-dpr": {"Correctness": 45.4, "Coverage": 24.3, "Overall": 27.9},
    "human": {"Correctness": 94.1, "Coverage": 88.8, "Overall": 91.3},
}


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


folder = pathlib.Path(sys.argv[1])
stories = {story["passage_id"]: story for story in lines(folder / "stories.jsonl")}
passages = lines(folder / "responses.jsonl")
questions = [(passage, number) for passage in passages for number in passage["questions"]]


def question(passage, number):
    return {"question": stories[passage["passage-id"]]["questions"][int(number)], "passage_id": passage["passage-id"]}


dataset = braintrust.init_dataset(project=PROJECT, name="Questions")
for passage, number in questions:
    dataset.insert(id="%s/%s" % (passage["passage-id"], number), input=question(passage, number))
dataset.flush()

for system, means in TABLE.items():
    experiment = braintrust.init(project=PROJECT, experiment=system, dataset=dataset, set_current=False)
    answers = {}
    for passage, number in questions:
        answer = passage["questions"][number][system]
        answers[experiment.log(input=question(passage, number), output=answer["response"], scores={})] = answer["reviews"]
    # One reviewer of an answer at a time: the SDK makes one row of all feedback that a batch has for a row.
    for turn in range(max(map(len, answers.values()))):
        experiment.flush()
        for row, reviews in answers.items():
            if turn < len(reviews):
                scores = {name: reviews[turn][key] / 100 for name, key in SCORES.items()}
                reviewer = {"user_id": str(reviews[turn]["worker_id"])}
                experiment.log_feedback(id=row, scores=scores, metadata=reviewer, source="external")
    summary = experiment.summarize()
    for name, mean in means.items():
        found = summary.scores[name].score * 100
        assert abs(found - mean) <= 0.05 + 1e-9, "%s of %s: %.3f, published %.1f" % (name, system, found, mean)
    print(system, {name: round(entry.score * 100, 2) for name, entry in summary.scores.items()}, "beside", summary.comparison_experiment_name)

records = dataset.summarize().data_summary.total_records
assert records == len(questions), "%d records of %d questions" % (records, len(questions))
