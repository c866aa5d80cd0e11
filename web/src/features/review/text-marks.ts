/** Words that comments speak of, marked in their authors' colours where the content shows them. The page itself stays as it is. */
import { useEffect } from "react";
import { type LoggedAnchor, rangesOf, readAnchor } from "@/lib/anchor.ts";
import { type PersonColour, personColour } from "@/lib/people.ts";
import type { Comment } from "@/sync/view.ts";

const COLOURS: readonly PersonColour[] = ["p1", "p2", "p3", "p4"];
const FLASH = "comment-shown";
const FLASH_MS = 1200;

/** Absent in older browsers: there the quote stands in the comment and nothing is marked. */
const highlights = () => (typeof CSS !== "undefined" && "highlights" in CSS ? CSS.highlights : null);

/** Marks the words of open comments, and tells which comment's words were pressed. */
export function useTextMarks(comments: readonly Comment[], me: string, onPick: (id: string) => void): void {
  useEffect(() => {
    const painted = highlights();
    if (!painted) return;
    let places: { id: string; ranges: Range[] }[] = [];
    const paint = () => {
      frame = 0;
      places = [];
      const byColour = new Map(COLOURS.map((colour) => [colour, [] as Range[]]));
      for (const comment of comments) {
        const anchor = comment.resolved ? null : readAnchor(comment.anchor);
        if (!anchor || anchor.field === "expected") continue;
        const ranges = rangesOf(anchor);
        places.push({ id: comment.id, ranges });
        byColour.get(personColour(comment.author, me))?.push(...ranges);
      }
      for (const [colour, ranges] of byColour) painted.set(`comment-${colour}`, new Highlight(...ranges));
    };
    let frame = requestAnimationFrame(paint);
    // Content comes late, folds open, tabs change: whatever was added may hold the words.
    const watch = new MutationObserver((changes) => {
      const content = changes.some(
        (change) => change.target instanceof Element && change.target.closest("[data-content]"),
      );
      if (content) frame ||= requestAnimationFrame(paint);
    });
    watch.observe(document.body, { childList: true, subtree: true });
    const press = (event: MouseEvent) => {
      if (!(event.target instanceof Element) || !event.target.closest("[data-anchored]")) return;
      if (!getSelection()?.isCollapsed) return;
      const { clientX: x, clientY: y } = event;
      const inside = (rect: DOMRect) =>
        x >= rect.left && x <= rect.right && y >= rect.top && y <= rect.bottom;
      const hit = places.find(({ ranges }) =>
        ranges.some((range) => [...range.getClientRects()].some(inside)),
      );
      if (hit) onPick(hit.id);
    };
    document.addEventListener("click", press);
    return () => {
      cancelAnimationFrame(frame);
      watch.disconnect();
      document.removeEventListener("click", press);
      for (const colour of COLOURS) painted.delete(`comment-${colour}`);
    };
  }, [comments, me, onPick]);
}

/** Brings the words into view and marks them for a moment; false when they are not on the page. */
export function flashWords(anchor: LoggedAnchor): boolean {
  const ranges = rangesOf(anchor);
  const first = ranges[0]?.startContainer.parentElement;
  if (!first) return false;
  first.scrollIntoView({ block: "center" });
  const painted = highlights();
  painted?.set(FLASH, new Highlight(...ranges));
  setTimeout(() => painted?.delete(FLASH), FLASH_MS);
  return true;
}
