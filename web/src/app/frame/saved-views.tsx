import { useQueries, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { countQuery, listShelf, viewsQuery } from "@/api/find.ts";
import { logsPlace } from "@/api/place.ts";
import type { Project } from "@/api/types.ts";
import { compact } from "@/lib/format.ts";
import { AppLink } from "@/ui/app-link.tsx";

/** As many as find room on a small screen; the switcher beside the title has all. */
const PINNED = 8;
/** Counts beside them may be this old. */
const COUNTED_MS = 60_000;

/** The saved views of the project's logs, with how many traces each finds now. */
export function SavedViews({ org, project }: { org: string; project: Project }) {
  const place = logsPlace(org, project);
  const object = place.object;
  const { view: current }: { view?: string } = useSearch({ strict: false });
  const views = (useQuery(viewsQuery(listShelf(object))).data ?? []).slice(0, PINNED);
  const counts = useQueries({
    queries: views.map((view) => ({
      ...countQuery(object, (view.view_data?.search?.filter ?? []).map((one) => one.text).join(" and ")),
      staleTime: COUNTED_MS,
      refetchInterval: COUNTED_MS,
    })),
  });
  if (views.length === 0) return null;
  return (
    <section aria-label="Saved views" className="mt-4 flex min-h-0 flex-col gap-px overflow-y-auto">
      <h2 className="px-2 pb-1 text-micro font-medium text-ink-3">Saved views</h2>
      {views.map((view, index) => {
        const found = counts[index]?.data;
        return (
          <AppLink
            key={view.id}
            href={`${place.list}?view=${view.id}`}
            aria-current={current === view.id ? "page" : undefined}
            className="flex h-7 flex-none items-center gap-2 rounded-btn px-2 text-ink-2 no-underline hover:bg-hover aria-[current=page]:bg-hover aria-[current=page]:text-ink coarse:h-10"
          >
            <span className="min-w-0 flex-1 truncate">{view.name}</span>
            {found && (
              <span className="num flex-none text-small text-ink-3">
                {compact(found.traces)}
                {found.rows_are === "at_least" && "+"}
              </span>
            )}
          </AppLink>
        );
      })}
    </section>
  );
}
