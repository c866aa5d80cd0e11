import type { Aggregate } from "@/api/types.ts";
import type { Kind } from "./score-form.ts";

export const kindNames: Record<Kind, string> = {
  categorical: "Choice",
  slider: "Slider",
  expected: "Choice to expected",
  "free-form": "Text",
};

export const kindHelp: Record<Kind, string> = {
  categorical: "One of a few named options, each with a number.",
  slider: "A number from 0 to 100%.",
  expected: "A choice that becomes the row's expected value instead of a number.",
  "free-form": "Free text, written together and shown in the row's metadata.",
};

export const aggregateHelp: Record<Aggregate, string> = {
  mean: "A row shows the mean. Each reviewer's own value is kept.",
  median: "A row shows the median, which one outlier does not move. Each reviewer's own value is kept.",
  majority: "A row shows what most chose, and the mean on a tie. Each reviewer's own value is kept.",
  latest: "A row shows the value given last. Each reviewer's own value is kept.",
};
