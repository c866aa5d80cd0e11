import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { tagsQuery } from "./configuration.ts";
import { useProject } from "./use-project.ts";

/** Tags to choose from: those that the project offers, in its order, then others that rows here carry. */
export function useKnownTags(rows: readonly { tags: readonly string[] }[]): string[] {
  const offered = useQuery(tagsQuery(useProject().id)).data;
  return useMemo(() => {
    const names = (offered ?? []).map((tag) => tag.name);
    const others = new Set(rows.flatMap((row) => row.tags));
    for (const name of names) others.delete(name);
    return [...names, ...[...others].sort()];
  }, [offered, rows]);
}
