import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { objectPlace, type Section } from "@/api/place.ts";
import { objectsOverviewQuery } from "@/api/queries.ts";
import type { ObjectOverview } from "@/api/types.ts";
import { useProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { count, fullTime, percent, plural, when } from "@/lib/format.ts";
import { reviewWords } from "@/lib/review-words.ts";
import { useNow } from "@/lib/use-now.ts";
import { useTitle } from "@/lib/use-title.ts";
import { AppLink } from "@/ui/app-link.tsx";
import { cx } from "@/ui/cx.ts";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";
import { TopBar } from "@/ui/top-bar.tsx";

/** Rows arrive while the page is open; asked for again this often. */
const RENEW_MS = 15_000;

const words = {
  experiments: {
    title: "Experiments",
    rows: "Traces",
    empty: "No experiments yet",
    hint: "An evaluation that a client runs in this project appears here.",
  },
  datasets: {
    title: "Datasets",
    rows: "Records",
    empty: "No datasets yet",
    hint: "A client that opens a dataset in this project creates it here.",
  },
} as const;

const th =
  "h-7 border-b border-line px-3 text-left text-[11.5px] font-medium text-ink-3 first:pl-3 md:first:pl-5 md:last:pr-5";
const td = "h-10 border-b border-line px-3 first:pl-3 md:first:pl-5 md:last:pr-5";

/** Scores for which there is room; those that most experiments have come first. */
const SCORES = 5;

/** Names of the scores that most of these have. */
export function commonScores(objects: readonly Pick<ObjectOverview, "scores">[]): string[] {
  const times = new Map<string, number>();
  for (const name of objects.flatMap((object) => Object.keys(object.scores ?? {}))) {
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  const common = [...times].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).slice(0, SCORES);
  return common.map(([name]) => name).sort();
}

/** The experiments or datasets of a project, newest first. */
export function ObjectsTable({ section }: { section: Section }) {
  const { title, rows, empty, hint } = words[section];
  const project = useProject();
  const org = useSession().organization.name;
  useTitle(title, project.name);
  const query = useQuery({ ...objectsOverviewQuery(section, project.id), refetchInterval: RENEW_MS });
  const navigate = useNavigate();
  const now = useNow(30_000);
  const [active, setActive] = useState(-1);
  const objects = query.data ?? [];
  const scores = section === "experiments" ? commonScores(objects) : [];
  const address = (object: ObjectOverview) => objectPlace(org, project.name, section, object).list;
  const open = (object: ObjectOverview | undefined) => {
    if (object) void navigate({ href: address(object) });
  };
  useCommand("objects.next", () => setActive(Math.min(objects.length - 1, active + 1)));
  useCommand("objects.previous", () => setActive(Math.max(0, active - 1)));
  useCommand("objects.open", () => open(objects[active]), active >= 0);

  return (
    <>
      <TopBar>
        <h1 className="text-title font-semibold tracking-[-.01em]">{title}</h1>
        {objects.length > 0 && <span className="num text-small text-ink-3">{count(objects.length)}</span>}
      </TopBar>
      <main className="min-h-0 flex-1 overflow-y-auto bg-surface">
        {query.isPending && <SkeletonRows rows={8} height={40} label={`Loading ${section}`} />}
        {query.isError && !query.data && (
          <ErrorState
            what={`The ${section} could not be loaded`}
            error={query.error}
            retry={() => void query.refetch()}
          />
        )}
        {query.data?.length === 0 && <EmptyState title={empty}>{hint}</EmptyState>}
        {objects.length > 0 && (
          <table className="w-full border-collapse">
            <thead>
              <tr>
                <th scope="col" className={th}>
                  Name
                </th>
                <th scope="col" className={`${th} text-right`}>
                  {rows}
                </th>
                {scores.map((name) => (
                  <th
                    key={name}
                    scope="col"
                    className={`${th} max-w-32 truncate text-right max-md:hidden`}
                    title={name}
                  >
                    {name}
                  </th>
                ))}
                <th scope="col" className={`${th} max-sm:hidden`}>
                  Review
                </th>
                <th scope="col" className={`${th} text-right`}>
                  Created
                </th>
              </tr>
            </thead>
            <tbody>
              {objects.map((object, index) => (
                <tr
                  key={object.id}
                  aria-current={index === active ? "true" : undefined}
                  onClick={(event) => {
                    if (!event.defaultPrevented && !event.ctrlKey && !event.metaKey) open(object);
                  }}
                  className={cx(
                    "hover:bg-hover",
                    index === active && "bg-accent-soft shadow-[inset_2px_0_0_var(--accent)]",
                  )}
                >
                  <th scope="row" className={`${td} text-left font-medium`}>
                    <AppLink href={address(object)} className="text-ink no-underline">
                      {object.name}
                    </AppLink>
                    {object.description && (
                      <span className="ml-2 font-normal text-ink-3 max-sm:hidden">{object.description}</span>
                    )}
                  </th>
                  <td className={`${td} num text-right`}>{count(object.traces)}</td>
                  {scores.map((name) => {
                    const score = object.scores?.[name];
                    return (
                      <td key={name} className={`${td} num text-right max-md:hidden`}>
                        {score && (
                          <span title={`mean of ${plural(score.count, "row")}`}>{percent(score.mean)}</span>
                        )}
                      </td>
                    );
                  })}
                  <td className={`${td} text-ink-2 max-sm:hidden`}>{reviewWords(object)}</td>
                  <td className={`${td} text-right whitespace-nowrap text-ink-2`}>
                    <time dateTime={object.created} title={fullTime(new Date(object.created))}>
                      {when(new Date(object.created), now)}
                    </time>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </main>
    </>
  );
}
