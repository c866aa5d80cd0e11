import { describe, expect, it } from "vitest";
import { collide, heardTogether, isSingleCharacter } from "./keys.ts";
import { COMMANDS } from "./table.ts";

describe("the command table", () => {
  it("has no two commands that can be heard together under the same keys", () => {
    const conflicts: string[] = [];
    COMMANDS.forEach((one, i) => {
      for (const other of COMMANDS.slice(i + 1)) {
        if (!heardTogether(one.scope, other.scope)) continue;
        for (const left of one.keys) {
          for (const right of other.keys) {
            if (collide(left, right)) conflicts.push(`${one.id} (${left}) and ${other.id} (${right})`);
          }
        }
      }
    });
    expect(conflicts).toEqual([]);
  });

  it("has each id once, and a label that begins with a capital", () => {
    const ids = COMMANDS.map((command) => command.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { label } of COMMANDS) expect(label).toMatch(/^[A-Z]/);
  });

  it("never takes a key that the browser needs", () => {
    const taken = COMMANDS.flatMap((command) => [...command.keys] as string[]);
    for (const key of [
      "Mod+c",
      "Mod+v",
      "Mod+x",
      "Mod+f",
      "Mod+r",
      "Mod+t",
      "Mod+w",
      "Mod+l",
      "Tab",
      "Escape",
    ]) {
      expect(taken).not.toContain(key);
    }
  });

  it("knows which keys a person can turn off", () => {
    expect(["g l", "j", "?", "Shift+j"].every(isSingleCharacter)).toBe(true);
    expect(["Mod+k", "Enter", "Backspace", "Mod+Shift+l"].some(isSingleCharacter)).toBe(false);
  });
});
