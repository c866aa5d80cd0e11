import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { membersQuery } from "./queries.ts";

export interface Person {
  id: string;
  name: string;
}

/** Names by reviewer key. Unknown members keep a short id, end users are named by their own key. */
export function personOf(names: ReadonlyMap<string, string>, reviewer: string): Person {
  const known = names.get(reviewer);
  if (known !== undefined) return { id: reviewer, name: known };
  if (reviewer.startsWith("external:")) return { id: reviewer, name: reviewer.slice("external:".length) };
  return { id: reviewer, name: `Member ${reviewer.slice(0, 4)}` };
}

/** Looks people up by their reviewer key; works before the members have arrived. */
export function usePeople(): (reviewer: string) => Person {
  const { data } = useQuery(membersQuery);
  return useMemo(() => {
    const names = new Map(data?.map((member) => [member.id, member.name]));
    return (reviewer: string) => personOf(names, reviewer);
  }, [data]);
}
