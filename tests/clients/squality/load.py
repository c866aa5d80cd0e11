"""Logs the answers of the SQuALITY human evaluation through the stock Python SDK: a project per system, an answer a span.

Usage: load.py FOLDER, with BRAINTRUST_APP_URL and BRAINTRUST_API_KEY in the environment. The row id says which answer it
is, so that whoever enters the reviews finds it: `<passage>/<question>/<system>`.
"""

import json
import pathlib
import sys

import braintrust


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


folder = pathlib.Path(sys.argv[1])
stories = {story["passage_id"]: story for story in lines(folder / "stories.jsonl")}
loggers, count = {}, 0
for passage in lines(folder / "responses.jsonl"):
    story = stories[passage["passage-id"]]
    for number, systems in passage["questions"].items():
        for system, answer in systems.items():
            if system not in loggers:
                loggers[system] = braintrust.init_logger(project="SQuALITY " + system, set_current=False)
            loggers[system].log(
                id="%s/%s/%s" % (passage["passage-id"], number, system),
                input={"question": story["questions"][int(number)], "passage_id": passage["passage-id"]},
                output=answer["response"],
                metadata={"system": system, "split": story["split"]},
            )
            count += 1
for logger in loggers.values():
    logger.flush()
print("logged %d answers of %d systems" % (count, len(loggers)))
