import { describe, expect, it } from "vitest";
import { askedAt, fit, put } from "./complete.ts";

const at = (text: string) => askedAt(text, text.length);

describe("what fits at the caret", () => {
  it("asks for a field at the start, after and, after not, inside parentheses", () => {
    for (const text of ["", "not ", "(", "tags includes 'x' and ", "any_span(", "error is null or ("]) {
      expect(at(text)).toMatchObject({ stage: "field", typed: "" });
    }
    expect(at("scores.Pref")).toMatchObject({ stage: "field", from: 0, typed: "scores.Pref" });
    expect(at("error is null and sco")).toMatchObject({ stage: "field", from: 18, typed: "sco" });
  });

  it("asks for an operator of the field before", () => {
    expect(at("scores.Preference ")).toMatchObject({ stage: "operator", path: "scores.Preference" });
    expect(at('metadata."user-id" =')).toMatchObject({
      stage: "operator",
      typed: "=",
      path: 'metadata."user-id"',
    });
    expect(at("error is no")).toMatchObject({ stage: "operator", typed: "is no", path: "error" });
    expect(at("len(tags) ")).toMatchObject({ stage: "operator" });
  });

  it("asks for a value with the field and operator before", () => {
    expect(at("tags includes ")).toMatchObject({ stage: "value", path: "tags", operator: "includes" });
    expect(at("tags not includes 'bil")).toMatchObject({
      stage: "value",
      typed: "'bil",
      operator: "not includes",
    });
    expect(at("metadata.model in ('a', ")).toMatchObject({
      stage: "value",
      path: "metadata.model",
      operator: "in",
    });
  });

  it("asks for a joining word once a condition is whole", () => {
    for (const text of ["error is null ", "scores.A > 0.5 ", "any_span(error is null) ", "model in ('a') "]) {
      expect(at(text)).toMatchObject({ stage: "joiner" });
    }
  });

  it("puts a choice in place of what was typed, with one space after it", () => {
    expect(put("sco", at("sco"), "scores.Tone")).toEqual({ text: "scores.Tone ", caret: 12 });
    const middle = askedAt("sco > 1", 3);
    expect(put("sco > 1", middle, "scores.Tone")).toEqual({ text: "scores.Tone > 1", caret: 12 });
  });

  it("ranks names that begin with what was typed first", () => {
    const ranks = ["Preference", "scores.Preference", "dispreferred"].map((name) => fit("pref", name));
    expect(ranks).toEqual([...ranks].sort((a, b) => (a ?? 99) - (b ?? 99)));
    expect(fit("pref", "tags")).toBeNull();
  });
});
