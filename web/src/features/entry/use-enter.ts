import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { sessionQuery } from "@/api/queries.ts";
import type { Session } from "@/api/types.ts";

/** What follows a successful sign-in: forget what others saw here, then go where the person wanted to be. */
export function useEnter(): (session: Session, to?: string) => void {
  const queries = useQueryClient();
  const router = useRouter();
  return (session, to = "/") => {
    queries.clear();
    queries.setQueryData(sessionQuery.queryKey, session);
    router.history.replace(to);
  };
}
