import { expect, it } from "vitest";
import { allOf, condition, literal, path } from "./expression.ts";

it("quotes text and names so that nothing of them is read as language", () => {
  expect(literal("it's \\ fine")).toBe("'it\\'s \\\\ fine'");
  expect(literal(0.75)).toBe("0.75");
  expect(path(["metadata", "user-id", 0, "a.b"])).toBe('metadata."user-id"[0]."a.b"');
  expect(condition({ kind: "holds", path: "tags", value: "a'b" })).toBe("tags includes 'a\\'b'");
});

it("joins conditions so that each keeps its meaning", () => {
  expect(allOf(["a = 1", "", "b = 2"])).toBe("a = 1 and b = 2");
  expect(allOf(["a = 1 or b = 2", "c = 3"])).toBe("(a = 1 or b = 2) and c = 3");
  expect(allOf(["(a = 1) or (b = 2)", "c = ' or '"])).toBe("((a = 1) or (b = 2)) and c = ' or '");
  expect(allOf(["(a = 1 or b = 2)", "c = 3"])).toBe("(a = 1 or b = 2) and c = 3");
  expect(allOf(["a = 1 or b = 2"])).toBe("a = 1 or b = 2");
});
