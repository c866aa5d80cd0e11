import { describe, expect, it } from "vitest";
import { kept, naming, offered, shown, written } from "./mentions.ts";

const mei = { id: "0190a1b2-0000-7000-8000-000000000001", name: "Mei Tan" };
const short = { id: "0190a1b2-0000-7000-8000-000000000002", name: "Mei" };
const people = [short, mei];

describe("names in comments", () => {
  it("are kept with their ids and written without them", () => {
    const text = "Ask @Mei Tan, not mail@Mei or @Meike; @Mei knows.";
    const stored = kept(text, people);
    expect(stored).toBe(`Ask @[Mei Tan](${mei.id}), not mail@Mei or @Meike; @[Mei](${short.id}) knows.`);
    expect(written(stored)).toBe(text);
    expect(kept(stored, people)).toBe(stored);
    expect(shown(`Hi @[Mei Tan](${mei.id})`)).toBe("Hi **@Mei Tan**");
  });

  it("are offered while they are typed", () => {
    expect(naming("Hi @me", 6)).toEqual({ from: 3, query: "me" });
    expect(naming("a@b", 3)).toBeNull();
    expect(naming("@Mei Tan and", 12)).toBeNull();
    expect(offered(people, "ta")).toEqual([mei]);
    expect(offered(people, "mei tan")).toEqual([]);
  });
});
