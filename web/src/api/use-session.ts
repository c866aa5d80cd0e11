import { useSuspenseQuery } from "@tanstack/react-query";
import { sessionQuery } from "./queries.ts";
import type { Session } from "./types.ts";

let last: Session | null = null;

/**
 * The signed-in session, for everything inside the frame. When it ends, the last one stays: the page
 * keeps standing behind the dialog that asks to sign in again.
 */
export function useSession(): Session {
  const { data } = useSuspenseQuery(sessionQuery);
  if (data) last = data;
  if (!last) throw new Error("no session: this part renders outside the frame");
  return last;
}
