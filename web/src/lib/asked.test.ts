import { expect, it } from "vitest";
import type { ProjectScore } from "@/api/types.ts";
import { askedOf } from "./asked.ts";

it("records of datasets are judged by what writes to expected and by texts", () => {
  const score = (name: string, score_type: string, config: ProjectScore["config"] = null) =>
    ({ name, score_type, config }) as ProjectScore;
  const scores = [
    score("Tone", "slider"),
    score("Kind", "categorical", { destination: "expected" }),
    score("Remarks", "free-form"),
    score("Elsewhere", "free-form", { object_types: ["experiment"] }),
    score("Anywhere", "slider", { object_types: [] }),
    score("Mine", "slider", { visibility: { users: ["me", "you"] } }),
    score("Theirs", "slider", { visibility: { users: ["you"] } }),
  ];
  const names = (object: "project_logs" | "experiment" | "dataset") =>
    askedOf(scores, object, "me").map((one) => one.name);
  expect(names("dataset")).toEqual(["Kind", "Remarks"]);
  expect(names("project_logs")).toEqual(["Tone", "Kind", "Remarks", "Anywhere", "Mine"]);
  expect(names("experiment")).toEqual(["Tone", "Kind", "Remarks", "Elsewhere", "Anywhere", "Mine"]);
});
