import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { type ReactNode, useState } from "react";
import { overviewQuery } from "@/api/queries.ts";
import type { ProjectOverview } from "@/api/types.ts";
import { useSession } from "@/api/use-session.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { count, fullTime, when } from "@/lib/format.ts";
import { reviewWords } from "@/lib/review-words.ts";
import { may, whyNot } from "@/lib/role.ts";
import { useNow } from "@/lib/use-now.ts";
import { useTitle } from "@/lib/use-title.ts";
import { Button } from "@/ui/button.tsx";
import { cx } from "@/ui/cx.ts";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";
import { TopBar } from "@/ui/top-bar.tsx";
import { NewProject } from "./new-project.tsx";

/** Figures of other people's work age; asked for again this often while the page is open. */
const RENEW_MS = 15_000;

const th =
  "h-7 border-b border-line px-3 text-left text-[11.5px] font-medium text-ink-3 first:pl-3 md:first:pl-5 md:last:pr-5";
const td = "h-10 border-b border-line px-3 first:pl-3 md:first:pl-5 md:last:pr-5";

/** Every project of the organization, by latest activity. */
export function ProjectsTable({ whenEmpty }: { whenEmpty: (project: string) => ReactNode }) {
  const session = useSession();
  const org = session.organization.name;
  useTitle("Projects", org);
  const query = useQuery({ ...overviewQuery, refetchInterval: RENEW_MS });
  const navigate = useNavigate();
  const now = useNow(30_000);
  const [active, setActive] = useState(-1);
  const [creating, setCreating] = useState(false);
  const projects = [...(query.data ?? [])].sort(byActivity);
  const allowed = may(session.role, "create-projects");

  const open = (project: ProjectOverview | undefined) => {
    if (project) void navigate({ to: "/app/$org/p/$project/logs", params: { org, project: project.name } });
  };
  useCommand("projects.next", () => setActive(Math.min(projects.length - 1, active + 1)));
  useCommand("projects.previous", () => setActive(Math.max(0, active - 1)));
  useCommand("projects.open", () => open(projects[active]), active >= 0);
  useCommand("projects.create", () => setCreating(true), allowed);

  // One project without a trace is where a new organization stands: show the steps at once.
  const only = projects.length === 1 && projects[0]?.traces === 0 ? projects[0] : null;
  return (
    <>
      <TopBar>
        <h1 className="text-title font-semibold tracking-[-.01em]">Projects</h1>
        <span className="truncate text-small text-ink-3">{org}</span>
        <span className="flex-1" />
        <Button
          onClick={() => setCreating(true)}
          disabled={!allowed}
          title={allowed ? undefined : whyNot("create-projects")}
          command="projects.create"
          icon={<Plus className="icon" aria-hidden="true" />}
        >
          New project
        </Button>
      </TopBar>
      <main className="min-h-0 flex-1 overflow-y-auto bg-surface">
        {query.isPending && <SkeletonRows rows={5} height={40} label="Loading projects" />}
        {query.isError && !query.data && (
          <ErrorState
            what="The projects could not be loaded"
            error={query.error}
            retry={() => void query.refetch()}
          />
        )}
        {query.data?.length === 0 && (
          <EmptyState
            title="No projects yet"
            action={
              allowed && (
                <Button kind="primary" onClick={() => setCreating(true)}>
                  Create a project
                </Button>
              )
            }
          >
            A project holds the traces of one application.{" "}
            {allowed ? "A client that names one creates it too." : whyNot("create-projects")}
          </EmptyState>
        )}
        {projects.length > 0 && (
          <table className="w-full border-collapse">
            <thead>
              <tr>
                <th scope="col" className={th}>
                  Name
                </th>
                <th scope="col" className={`${th} text-right`}>
                  Traces
                </th>
                <th scope="col" className={`${th} text-right max-sm:hidden`}>
                  Today
                </th>
                <th scope="col" className={`${th} max-sm:hidden`}>
                  Review
                </th>
                <th scope="col" className={`${th} text-right`}>
                  Last activity
                </th>
              </tr>
            </thead>
            <tbody>
              {projects.map((project, index) => (
                <tr
                  key={project.id}
                  aria-current={index === active ? "true" : undefined}
                  onClick={(event) => {
                    if (!event.defaultPrevented && !event.ctrlKey && !event.metaKey) open(project);
                  }}
                  className={cx(
                    "hover:bg-hover",
                    index === active && "bg-accent-soft shadow-[inset_2px_0_0_var(--accent)]",
                  )}
                >
                  <th scope="row" className={`${td} text-left font-medium`}>
                    <Link
                      to="/app/$org/p/$project/logs"
                      params={{ org, project: project.name }}
                      className="text-ink no-underline"
                    >
                      {project.name}
                    </Link>
                  </th>
                  <td className={`${td} num text-right`}>{count(project.traces)}</td>
                  <td className={`${td} num text-right text-ink-2 max-sm:hidden`}>
                    {count(project.traces_today)}
                  </td>
                  <td className={`${td} text-ink-2 max-sm:hidden`}>{reviewWords(project)}</td>
                  <td className={`${td} text-right whitespace-nowrap text-ink-2`}>
                    <LastActivity at={project.last_activity} now={now} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {only && whenEmpty(only.name)}
      </main>
      <NewProject open={creating} onClose={() => setCreating(false)} />
    </>
  );
}

function LastActivity({ at, now }: { at: string | null; now: Date }) {
  if (at === null) return <>none yet</>;
  const date = new Date(at);
  return (
    <time dateTime={at} title={fullTime(date)}>
      {when(date, now)}
    </time>
  );
}

function byActivity(a: ProjectOverview, b: ProjectOverview): number {
  return (b.last_activity ?? b.created).localeCompare(a.last_activity ?? a.created);
}
