import { describe, expect, it } from "vitest";
import type { Project } from "@/api/types.ts";
import { personOf } from "@/api/use-people.ts";
import { findProject } from "@/api/use-project.ts";
import { personColour } from "./people.ts";
import { may } from "./role.ts";
import { syncTone, syncWords } from "./sync-state.ts";

describe("the state of sync", () => {
  it("is said in words", () => {
    expect(syncWords({ kind: "synced", pending: 0 })).toBe("Synced");
    expect(syncWords({ kind: "saving", pending: 3 })).toBe("Saving 3");
    expect(syncWords({ kind: "offline", pending: 0 })).toBe("Offline");
    expect(syncWords({ kind: "offline", pending: 1 })).toBe("Offline, 1 change kept here");
    expect(syncWords({ kind: "offline", pending: 12 })).toBe("Offline, 12 changes kept here");
    expect(syncWords({ kind: "reconnecting", pending: 2 })).toBe("Reconnecting, 2 kept here");
    expect(syncWords({ kind: "refused", pending: 1, reason: "no" })).toBe("Cannot save");
    expect(syncTone({ kind: "refused", pending: 1, reason: "no" })).toBe("fail");
  });
});

describe("people", () => {
  it("keep their colour; the viewer has their own", () => {
    expect(personColour("a", "a")).toBe("p4");
    expect(personColour("b", "a")).toBe(personColour("b", "c"));
    expect(new Set(["1", "2", "3", "4", "5", "6", "7", "8"].map((id) => personColour(id, null)))).toEqual(
      new Set(["p1", "p2", "p3"]),
    );
  });

  it("have a name even when they are unknown or outside", () => {
    const names = new Map([["m1", "Noor Khan"]]);
    expect(personOf(names, "m1").name).toBe("Noor Khan");
    expect(personOf(names, "external:ada").name).toBe("ada");
    expect(personOf(names, "0123-456").name).toBe("Member 0123");
  });
});

describe("rights", () => {
  it("follow the role", () => {
    expect(may("viewer", "review")).toBe(false);
    expect(may("reviewer", "review")).toBe(true);
    expect(may("reviewer", "configure")).toBe(false);
    expect(may("lead", "configure")).toBe(true);
    expect(may("lead", "manage-members")).toBe(false);
    expect(may("owner", "manage-members")).toBe(true);
  });
});

describe("the project of an address", () => {
  it("is found by its name first, then by its id", () => {
    const projects = [
      { id: "1", name: "2" },
      { id: "2", name: "bot" },
    ] as Project[];
    expect(findProject(projects, "2")?.id).toBe("1");
    expect(findProject(projects, "1")?.id).toBe("1");
    expect(findProject(projects, "none")).toBeUndefined();
  });
});
