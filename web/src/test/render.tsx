import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";

/** Renders a part with a query client of its own. */
export function renderPart(part: ReactNode) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return { client, ...render(<QueryClientProvider client={client}>{part}</QueryClientProvider>) };
}

export interface Call {
  method: string;
  path: string;
  body: unknown;
}

/** Answers `fetch` from a table of `"METHOD path"`; gives the list of calls as they come. */
export function answerFetch(table: Record<string, unknown>): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const method = init.method ?? "GET";
    calls.push({ method, path, body: typeof init.body === "string" ? JSON.parse(init.body) : undefined });
    const key = `${method} ${path.split("?")[0]}`;
    if (!(key in table)) {
      const problem = { type: "/problems/not-found", title: "Not found", status: 404, detail: `no ${key}` };
      return new Response(JSON.stringify(problem), { status: 404 });
    }
    return new Response(JSON.stringify(table[key]), { status: 200 });
  });
  return calls;
}
