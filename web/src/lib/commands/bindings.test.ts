import { beforeEach, describe, expect, it } from "vitest";
import { freeKeys, isOwn, keyOf, keysOf, loadKeys, objection, resetKeys, setKeys } from "./bindings.ts";
import { notationOf } from "./keys.ts";

const event = (key: string, held: Partial<KeyboardEvent> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

describe("keys of one's own", () => {
  beforeEach(() => {
    localStorage.clear();
    loadKeys("somebody else");
    loadKeys("noor");
    resetKeys();
  });

  it("stand in place of the table's, and are there again at the next visit", () => {
    setKeys("focus.skip", ["q"]);
    expect(keyOf("focus.skip")).toBe("q");
    loadKeys("mei");
    expect(keyOf("focus.skip")).toBe("s");
    loadKeys("noor");
    expect(keyOf("focus.skip")).toBe("q");
    setKeys("focus.skip", null);
    expect(isOwn("focus.skip")).toBe(false);
  });

  it("leave out what cannot be understood", () => {
    localStorage.setItem(
      "concord.keys.kay",
      JSON.stringify({ "focus.skip": ["q"], "no.such": ["w"], "focus.undo": "z", "trace.raw": [""] }),
    );
    loadKeys("kay");
    expect([keyOf("focus.skip"), keyOf("focus.undo"), keyOf("trace.raw")]).toEqual(["q", "z", "m"]);
  });

  it("are refused where another command of the page has them, or the browser", () => {
    expect(objection("focus.skip", "q")).toBeNull();
    expect(objection("focus.skip", "z")).toEqual({ kind: "taken", by: "focus.undo" });
    // A key that begins a sequence would never let it be finished.
    expect(objection("focus.skip", "g")).toMatchObject({ kind: "taken" });
    // Lists and the focused review are never on screen together.
    expect(objection("focus.skip", "Shift+f")).toBeNull();
    expect(objection("focus.skip", "Mod+w")).toEqual({ kind: "browser" });
    expect(objection("focus.skip", "Tab")).toEqual({ kind: "browser" });
    freeKeys("focus.undo", "z");
    expect(keysOf("focus.undo")).toEqual([]);
    expect(objection("focus.skip", "z")).toBeNull();
  });

  it("are written as the table writes them", () => {
    expect(notationOf(event("Z", { shiftKey: true }), false)).toBe("Shift+z");
    expect(notationOf(event("?", { shiftKey: true }), false)).toBe("?");
    expect(notationOf(event("Enter", { ctrlKey: true }), false)).toBe("Mod+Enter");
    expect(notationOf(event("L", { metaKey: true, shiftKey: true }), true)).toBe("Mod+Shift+l");
    expect(notationOf(event(" "), false)).toBe("Space");
    expect(notationOf(event("о"), false)).toBe("о");
  });
});
