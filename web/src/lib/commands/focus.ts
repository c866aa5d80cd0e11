import type { Command } from "./types.ts";

/** Commands of the focused review, beside those of a trace and of a review. */
export const focusCommands = [
  {
    id: "focus.nextQuestion",
    label: "To the question below",
    keys: ["ArrowDown"],
    scope: "focus",
    keyOnly: true,
  },
  {
    id: "focus.previousQuestion",
    label: "To the question above",
    keys: ["ArrowUp"],
    scope: "focus",
    keyOnly: true,
  },
  { id: "focus.forward", label: "Next item", keys: ["ArrowRight"], scope: "focus" },
  { id: "focus.back", label: "Previous item", keys: ["ArrowLeft"], scope: "focus" },
  { id: "focus.skip", label: "Skip this item", keys: ["s"], scope: "focus", synonyms: ["pass", "later"] },
  { id: "focus.undo", label: "Take back", keys: ["z"], scope: "focus", synonyms: ["undo"] },
  { id: "focus.redo", label: "Do again", keys: ["Shift+z"], scope: "focus", synonyms: ["redo"] },
  {
    id: "focus.trace",
    label: "Show or hide the whole trace",
    keys: ["o"],
    scope: "focus",
    synonyms: ["spans", "tree"],
  },
  {
    id: "focus.form",
    label: "One question or the whole form",
    keys: ["v"],
    scope: "focus",
    synonyms: ["all questions", "layout"],
  },
  {
    id: "focus.advance",
    label: "Switch auto-advance",
    keys: ["Shift+v"],
    scope: "focus",
    synonyms: ["automatic", "next"],
  },
  { id: "focus.leave", label: "Leave the focused review", keys: [], scope: "focus", synonyms: ["close"] },
] as const satisfies readonly Command[];
