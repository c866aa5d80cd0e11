import { describe, expect, it } from "vitest";
import type { ProjectScore } from "@/api/types.ts";
import { columnsFor, fitting, geometry } from "./columns.tsx";

const score = (name: string, rest: Partial<ProjectScore> = {}) =>
  ({ name, score_type: "slider", categories: null, config: null, ...rest }) as ProjectScore;

const ids = (columns: readonly { id: string }[]) => columns.map((column) => column.id);

describe("the columns of the grid", () => {
  it("begin in experiments with the scores that the experiment gave", () => {
    const all = columnsFor([score("Tone")], ["Factuality"], { noun: "trace", seenFirst: true });
    const scores = ids(all).filter((id) => id.startsWith("score:"));
    expect(scores).toEqual(["score:Factuality", "score:Tone"]);
  });

  it("leave out of records what only runs have", () => {
    const shown = columnsFor([score("Tone")], ["Judge"], { noun: "record" }).filter((column) => column.shown);
    expect(ids(shown)).toEqual(["time", "input", "expected", "metadata", "source", "status", "tags"]);
  });

  it("have one per score that is a number, configured ones first", () => {
    const scores = [
      score("Tone"),
      score("Mode", { score_type: "categorical", config: { destination: "expected" } }),
      score("Hint", { score_type: "free-form" }),
    ];
    const columns = columnsFor(scores, ["Zeal", "Tone", "Faithfulness"]);
    expect(ids(columns).filter((id) => id.startsWith("score:"))).toEqual([
      "score:Tone",
      "score:Faithfulness",
      "score:Zeal",
    ]);
  });

  it("give way in the stated order when there is no room, scores and text never", () => {
    const columns = columnsFor([score("Tone")], []).filter((column) => column.shown);
    expect(ids(fitting(columns, 4000))).toEqual(ids(columns));
    const missing = (width: number) =>
      ids(columns).filter((id) => !ids(fitting(columns, width)).includes(id));
    expect(missing(1276)).toEqual(["tokens"]);
    expect(missing(1206)).toEqual(["tokens", "cost"]);
    expect(missing(726)).toEqual(["kind", "model", "duration", "tokens", "cost", "error", "tags"]);
  });

  it("keep those that a person turned on", () => {
    const columns = columnsFor([], []).filter((column) => column.shown);
    expect(ids(fitting(columns, 700, (column) => column.id === "tokens"))).toContain("tokens");
  });

  it("are three on a phone", () => {
    expect(ids(fitting(columnsFor([score("Tone")], []), 390))).toEqual(["time", "input", "status"]);
  });

  it("fill the width with the text, and scroll rather than squeeze it", () => {
    const columns = fitting(columnsFor([], []), 390);
    expect(geometry(columns, 390, 12, true)).toEqual({ template: "64px 194px 108px", width: 390 });
    const wide = columnsFor([], []).filter((column) => ["time", "input"].includes(column.id));
    expect(geometry(wide, 1000, 20, false)).toEqual({ template: "26px 100px 834px", width: 1000 });
    expect(geometry(wide, 300, 20, false)).toEqual({ template: "26px 100px 320px", width: 486 });
  });
});
