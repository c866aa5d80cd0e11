/** Whether the people of a project answer before they see what others gave. */
import type { Project } from "@/api/types.ts";

/** The key of the project's settings. */
export const INDEPENDENT = "independent_review";

export function isIndependent(project: Pick<Project, "settings">): boolean {
  const { settings } = project;
  return (
    typeof settings === "object" &&
    settings !== null &&
    !Array.isArray(settings) &&
    settings[INDEPENDENT] === true
  );
}
