import { describe, expect, it } from "vitest";
import type { ProjectScore } from "@/api/types.ts";
import {
  check,
  emptyForm,
  formOf,
  isFine,
  kindOf,
  option,
  parseValue,
  pathProblem,
  requestOf,
} from "./score-form.ts";

describe("the form of a score", () => {
  it("is fine as it starts, once it has a name", () => {
    expect(check(emptyForm(), [])).toEqual({ options: {}, name: "Give the score a name." });
    expect(isFine(check({ ...emptyForm(), name: "Correctness" }, []))).toBe(true);
  });

  it("refuses a name that another score has, or that is too long", () => {
    expect(check({ ...emptyForm(), name: " Tone " }, ["Tone"]).name).toBe(
      "This project has a score called Tone.",
    );
    expect(check({ ...emptyForm(), name: "ä".repeat(65) }, []).name).toBe(
      "The name is too long: 130 of 128 bytes.",
    );
  });

  it("wants options with names and values that differ", () => {
    const options = [
      option("Good", "1"),
      option("Fine", "1.0"),
      option("Good", "0.2"),
      option("", "0"),
      option("Bad", "2"),
    ];
    const problems = check({ ...emptyForm(), name: "N", options }, []);
    expect(options.map((one) => problems.options[one.key])).toEqual([
      undefined,
      "Good has the value 1 already. Values must differ.",
      "Two options are called Good. Names must differ.",
      "Give the option a name.",
      "Bad needs a value from 0 to 1, such as 0.5.",
    ]);
    expect(check({ ...emptyForm(), name: "N", options: [] }, []).list).toBe("Add at least one option.");
  });

  it("asks no values of options that write to expected", () => {
    const options = [option("Wrong policy"), option("Refusal")];
    expect(isFine(check({ ...emptyForm(), name: "N", kind: "expected", options }, []))).toBe(true);
  });

  it("reads numbers as people type them", () => {
    expect(
      ["0", "1", "0.5", ".5", "0,25", " 1 ", "1.", "", "a", "-0.1", "1.1", "1e-1"].map(parseValue),
    ).toEqual([0, 1, 0.5, 0.5, 0.25, 1, 1, null, null, null, null, null]);
  });

  it("knows metadata paths", () => {
    for (const good of [
      "",
      "metadata",
      "metadata.reason",
      "metadata.a.b",
      'metadata."odd key"',
      'metadata.a."b.c".d',
    ]) {
      expect(pathProblem(good), good).toBeUndefined();
    }
    for (const bad of [
      "expected",
      "metadata.",
      "metadata..a",
      'metadata."a',
      'metadata.a"b"',
      "metadata.a.",
      'metadata.""',
    ]) {
      expect(pathProblem(bad), bad).toMatch(/^Write a path/);
    }
    expect(pathProblem("metadata.~__bt_review_lists")).toMatch(/reserved/);
    expect(pathProblem(`metadata.${"a.".repeat(8)}a`)).toBe("At most 8 keys deep.");
  });
});

describe("what is sent", () => {
  it("fits each kind", () => {
    const base = { ...emptyForm(), name: " Correctness ", description: " " };
    expect(requestOf(base)).toEqual({
      name: "Correctness",
      description: null,
      score_type: "categorical",
      categories: [
        { name: "Fail", value: 0 },
        { name: "Pass", value: 1 },
      ],
      config: { aggregate: "mean" },
    });
    expect(requestOf({ ...base, kind: "slider", aggregate: "median" })).toMatchObject({
      score_type: "slider",
      categories: null,
      config: { aggregate: "median" },
    });
    expect(requestOf({ ...base, kind: "free-form", path: "metadata.hint" })).toMatchObject({
      score_type: "free-form",
      config: { destination: "metadata.hint" },
    });
    expect(requestOf({ ...base, kind: "free-form" }).config).toEqual({ destination: "metadata" });
    const expected = requestOf({
      ...base,
      kind: "expected",
      multi: true,
      options: [option("A"), option("B"), option("C")],
    });
    expect(expected).toMatchObject({
      score_type: "categorical",
      config: { destination: "expected", multi_select: true },
    });
    expect(expected.categories?.map((category) => category.value)).toEqual([1, 0.5, 0]);
  });

  it("comes back as the same form", () => {
    const form = { ...emptyForm(), name: "Tone", kind: "expected" as const, multi: true };
    const stored = { ...requestOf(form) } as unknown as ProjectScore;
    const kind = kindOf(stored);
    expect(kind).toBe("expected");
    expect(requestOf(formOf(stored, kind ?? "slider"))).toEqual({
      ...requestOf(form),
    });
  });

  it("leaves kinds of other versions alone", () => {
    expect(kindOf({ score_type: "weighted", config: null })).toBeNull();
  });
});
