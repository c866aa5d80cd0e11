import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/problem.ts";

/** Refusals are final; only an unreachable server and its own failures are worth asking again. */
function retry(failures: number, error: unknown): boolean {
  if (error instanceof ApiError && error.status >= 400 && error.status < 500) return false;
  return failures < 2;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    // `always`: a paused query looks like loading for ever; an error says what is wrong and offers a retry.
    queries: { retry, networkMode: "always", refetchOnWindowFocus: false },
    mutations: { networkMode: "always" },
  },
});
