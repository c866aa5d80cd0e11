import { describe, expect, it } from "vitest";
import type { FieldInfo } from "@/api/find.ts";
import { askedAt } from "@/lib/filter/complete.ts";
import { chipWords } from "./chip-words.ts";
import { suggestions } from "./suggest.ts";

const fields: FieldInfo[] = [
  {
    path: "scores.Correctness",
    label: "Correctness",
    kind: "number",
    group: "scores",
    values: [
      { value: 1, label: "Pass" },
      { value: 0, label: "Fail" },
    ],
  },
  {
    path: "tags",
    label: "Tags",
    kind: "list",
    group: "tags",
    values: [{ value: "size" }, { value: "it's" }],
  },
  { path: "created", label: "Created", kind: "time", group: "span" },
];
const offer = (text: string, values: { value: string; count: number }[] = []) =>
  suggestions(askedAt(text, text.length), { fields, values, nameOf: (_, value) => String(value) });

describe("what the filter box offers", () => {
  it("finds fields by their names and paths, and operators that fit their kind", () => {
    expect(offer("corr").map((one) => one.text)).toEqual(["scores.Correctness"]);
    expect(offer("tags ").map((one) => one.text)).toContain("includes");
    expect(offer("tags ").map((one) => one.text)).not.toContain(">");
  });

  it("offers values by what people call them, with their counts, and quotes them", () => {
    expect(offer("scores.Correctness = pa")).toMatchObject([{ text: "1", label: "Pass", whole: true }]);
    const counted = offer("tags includes ", [{ value: "refund", count: 1200 }]);
    expect(counted.map((one) => [one.text, one.aside])).toEqual([
      ["'refund'", "1,200"],
      ["'size'", ""],
      ["'it\\'s'", ""],
    ]);
  });
});

describe("a chip", () => {
  const context = {
    person: (id: string) => ({ id, name: "Noor Khan" }),
    now: new Date("2026-11-24T12:00:00Z"),
  };

  it("reads as people speak", () => {
    const words = (field: string, operator: string, value?: string | number) =>
      chipWords({ text: "", field, operator, ...(value === undefined ? {} : { value }) }, fields, context);
    expect(words("scores.Correctness", "=", 1)).toEqual({
      field: "Correctness",
      operator: "is",
      value: "Pass",
    });
    expect(words("__bt_assignments", "includes", "n1")?.value).toBe("Noor Khan");
    expect(words('metadata."user-id"', "is null")).toEqual({
      field: "user-id",
      operator: "is missing",
      value: "",
    });
    expect(words("created", ">=", "2026-11-24T11:58:00Z")).toMatchObject({
      operator: "since",
      value: "2\u202fmin",
    });
  });

  it("leaves what is more than one condition as it is written", () => {
    expect(chipWords({ text: "a = 1 or b = 2" }, fields, context)).toBeNull();
  });
});
