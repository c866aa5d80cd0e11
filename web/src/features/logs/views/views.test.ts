import { describe, expect, it } from "vitest";
import type { SavedView } from "@/api/find.ts";
import { readListSearch, sortOfText, textOfSort } from "@/lib/list-search.ts";
import { builtInViews, savedView, searchOf, shownBy } from "./views.ts";

const saved: SavedView = {
  id: "v1",
  name: "Cold replies",
  object_type: "project_log",
  object_id: "p1",
  view_type: "logs",
  created: "2026-11-24T09:00:00Z",
  user_id: "me",
  view_data: { search: { filter: [{ text: "scores.Tone < 0.5" }], sort: [{ text: "duration desc" }] } },
  options: { viewType: "table", options: { columnVisibility: { cost: false }, rowHeight: "compact" } },
};
const views = [...builtInViews("me", false), savedView(saved)];

describe("views and the address", () => {
  it("show a saved view as it was saved, unchanged", () => {
    expect(shownBy({ view: "v1" }, views)).toMatchObject({
      filter: "scores.Tone < 0.5",
      sort: "-duration",
      layout: { columnVisibility: { cost: false }, rowHeight: "compact" },
      changed: false,
    });
  });

  it("name in the address only what differs from the view, also a filter taken away", () => {
    const shown = shownBy({ view: "v1" }, views);
    if (!shown) throw new Error("no view");
    expect(searchOf(shown)).toEqual({ view: "v1" });
    const search = searchOf({ ...shown, filter: "", sort: "created" });
    expect(search).toEqual({ view: "v1", filter: "", sort: "created" });
    expect(shownBy(readListSearch({ ...search }), views)).toMatchObject({ filter: "", changed: true });
  });

  it("are not there when they are gone", () => {
    expect(shownBy({ view: "gone" }, views)).toBeNull();
  });

  it("take from an address only what they understand", () => {
    const search = readListSearch({
      order: "oldest",
      layout: { columnSizing: { input: -5, tags: 120 }, rowHeight: "huge", columnOrder: ["tags", 7] },
    });
    expect(search).toEqual({
      sort: "created",
      layout: { columnSizing: { tags: 120 }, columnOrder: ["tags"] },
    });
  });

  it("sort as other clients write it", () => {
    expect(["created desc", "scores.Answer quality asc", "-tokens", undefined].map(sortOfText)).toEqual([
      "-created",
      "scores.Answer quality",
      "-tokens",
      "-created",
    ]);
    expect(sortOfText(textOfSort("-scores.Tone"))).toBe("-scores.Tone");
  });
});
