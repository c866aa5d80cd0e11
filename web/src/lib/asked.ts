import type { ObjectType, ProjectScore } from "@/api/types.ts";

/**
 * The scores that a row is judged by: records of datasets only by those that write to expected and by free-form ones,
 * and everything only where the score's own list of objects allows it.
 */
export function askedOf(scores: readonly ProjectScore[], objectType: ObjectType): ProjectScore[] {
  return scores.filter((score) => {
    const objects = score.config?.object_types;
    if (objects && objects.length > 0 && !objects.includes(objectType)) return false;
    if (objectType !== "dataset") return true;
    return score.score_type === "free-form" || score.config?.destination === "expected";
  });
}
