/** The SQuALITY reviews as lists of what each reviewer has to enter. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const lines = (path) => readFileSync(path, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));

export const SYSTEMS = ["bart", "bart-dpr", "human"];
export const WORKERS = ["2", "3", "6", "8"];
export const SCORES = { Correctness: "correctness-rating", Coverage: "selection-rating", Overall: "overall-rating" };

/** Mean over all 300 reviews of a system, in percent; the first two columns and the last are the paper's table. */
export const TABLE = {
  bart: { Correctness: 34.8, Coverage: 15.6, Overall: 18.1 },
  "bart-dpr": { Correctness: 45.4, Coverage: 24.3, Overall: 27.9 },
  human: { Correctness: 94.1, Coverage: 88.8, Overall: 91.3 },
};

/** One entry per review: `{row, system, worker, scores: {name: 0..1}, comments: [{text, selection}]}`. */
export function reviews(folder) {
  const all = [];
  for (const passage of lines(join(folder, "responses.jsonl"))) {
    for (const [number, systems] of Object.entries(passage.questions)) {
      for (const [system, answer] of Object.entries(systems)) {
        const row = `${passage["passage-id"]}/${number}/${system}`;
        for (const review of answer.reviews) {
          all.push({
            row,
            system,
            worker: String(review.worker_id),
            scores: Object.fromEntries(Object.entries(SCORES).map(([name, key]) => [name, review[key] / 100])),
            comments: review.annotations.flatMap(({ selection, annotation }) => {
              const text = annotation.join("\n").trim();
              return text ? [{ text, selection }] : [];
            }),
          });
        }
      }
    }
  }
  return all;
}
