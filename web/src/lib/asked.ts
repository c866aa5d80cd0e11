import type { ObjectType, ProjectScore } from "@/api/types.ts";

/**
 * The scores that a row is judged by: records of datasets only by those that write to expected and by free-form ones,
 * and everything only where the score's own list of objects allows it, and by those whom it names, if it names any. Groups of
 * people are not known here.
 */
export function askedOf(scores: readonly ProjectScore[], objectType: ObjectType, me: string): ProjectScore[] {
  return scores.filter((score) => {
    const seen = score.config?.visibility?.users;
    if (seen && seen.length > 0 && !seen.includes(me)) return false;
    const objects = score.config?.object_types;
    if (objects && objects.length > 0 && !objects.includes(objectType)) return false;
    if (objectType !== "dataset") return true;
    return score.score_type === "free-form" || score.config?.destination === "expected";
  });
}
