import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { projectsQuery } from "./queries.ts";
import type { Project } from "./types.ts";

/** The project that a link names: by its name, or by its id. */
export function findProject(projects: readonly Project[], nameOrId: string): Project | undefined {
  return (
    projects.find((project) => project.name === nameOrId) ??
    projects.find((project) => project.id === nameOrId)
  );
}

/** The project of the current address; `undefined` on pages without one or when it does not exist. */
export function useMaybeProject(): Project | undefined {
  const { project } = useParams({ strict: false });
  const { data } = useSuspenseQuery(projectsQuery);
  return project === undefined ? undefined : findProject(data, project);
}

/** The project of the current address, inside the project's own pages. */
export function useProject(): Project {
  const project = useMaybeProject();
  if (!project) throw new Error("no project: this part renders outside a project's pages");
  return project;
}
