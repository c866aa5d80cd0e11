import { describe, expect, it } from "vitest";
import { formatOf, placeOf, problemOf, rejectedFile, targetOf } from "./import-file.ts";

describe("columns of a file", () => {
  it("go to a field or become a part of one under their own name", () => {
    expect(targetOf("metadata.lang")).toBe("metadata.");
    expect(targetOf("input")).toBe("input");
    expect(targetOf(undefined)).toBe("");
    expect(placeOf("lang", "metadata.")).toBe("metadata.lang");
    expect(placeOf("metadata.lang", "metadata.")).toBe("metadata.lang");
    expect(placeOf("lang", "tags")).toBe("tags");
  });

  it("are told what is wrong with them", () => {
    expect(problemOf({ a: "input", b: "expected", c: "", d: "" })).toBeNull();
    expect(problemOf({ a: "input", b: "input" })).toContain("a and b both become input");
    expect(problemOf({ a: "input", b: "input.b" })).toContain("cannot be a part");
    expect(problemOf({ a: "metadata.a" })).toContain("No column");
  });
});

describe("files", () => {
  it("are known by their names", () => {
    expect(["a.CSV", "b.tsv", "c.jsonl", "d.xlsx"].map(formatOf)).toEqual(["csv", "csv", "jsonl", null]);
  });

  it("of rejected records keep the line that names the columns", async () => {
    const file = new Blob(["q,a\n1,2\nbad\n3,4\nworse\n"]);
    const rejected = [
      { line: 3, from: 8, to: 12, why: "" },
      { line: 5, from: 16, to: 22, why: "" },
    ];
    expect(await rejectedFile(file, "csv", 4, rejected).text()).toBe("q,a\nbad\nworse\n");
    expect(await rejectedFile(file, "jsonl", 0, rejected.slice(0, 1)).text()).toBe("bad\n");
  });
});
