import { queryOptions, useQuery } from "@tanstack/react-query";
import { get } from "@/api/client.ts";
import type { ProjectScore } from "@/api/types.ts";
import { percent } from "@/lib/format.ts";
import { useIsHidden } from "./independence.ts";
import { useScope } from "./scope.tsx";
import { useRenewed } from "./use-renewed.ts";

/** How each kind comes about. */
const KINDS: { readonly [kind: string]: string } = {
  weighted: "weighted mean",
  minimum: "smallest",
  maximum: "largest",
};

const effectiveQuery = (documentId: string) =>
  queryOptions({
    queryKey: ["effective", documentId],
    queryFn: async ({ signal }) =>
      (
        await get<{ effective: { scores: Record<string, number | null> } }>(
          `/api/review/${documentId}`,
          undefined,
          signal,
        )
      ).effective.scores,
    staleTime: 1000,
  });

export function computedOf(scores: readonly ProjectScore[]): ProjectScore[] {
  return scores.filter((score) => score.score_type in KINDS);
}

/** The scores that a computed one is made of. */
export function madeOf({ categories }: { categories: unknown }): string[] {
  if (Array.isArray(categories)) return categories.filter((name): name is string => typeof name === "string");
  return typeof categories === "object" && categories !== null ? Object.keys(categories) : [];
}

/** Scores that nobody gives: they follow from the others, and move with them. */
export function Computed({ scores }: { scores: readonly ProjectScore[] }) {
  const computed = computedOf(scores);
  return computed.length === 0 ? null : <List computed={computed} />;
}

function List({ computed }: { computed: readonly ProjectScore[] }) {
  const { session, row } = useScope();
  const hidden = useIsHidden(row);
  const query = effectiveQuery(session.documentId);
  useRenewed(session, query.queryKey);
  const { data, isError } = useQuery(query);
  return (
    <section aria-label="Computed scores" className="border-b border-line px-4 py-3">
      <dl className="flex flex-col gap-1.5">
        {computed.map((score) => {
          const value = data?.[score.name];
          return (
            <div key={score.id} className="flex items-baseline gap-2">
              <dt className="min-w-0 flex-1 truncate">
                <span className="font-medium">{score.name}</span>{" "}
                <span className="text-small text-ink-3">
                  {KINDS[score.score_type]} of {madeOf(score).join(", ")}
                </span>
              </dt>
              <dd className="num flex-none">
                {madeOf(score).some(hidden) ? (
                  <span className="text-small text-ink-3">after your answers</span>
                ) : typeof value === "number" ? (
                  percent(value)
                ) : (
                  <span className="text-small text-ink-3">{isError ? "not available" : "none yet"}</span>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
