import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { overviewQuery } from "@/api/queries.ts";
import { useSession } from "@/api/use-session.ts";
import { TopBar } from "@/ui/top-bar.tsx";

export function ProjectsTable() {
  const org = useSession().organization.name;
  const { data } = useQuery(overviewQuery);
  return (
    <>
      <TopBar>
        <h1 className="text-title font-semibold">Projects</h1>
      </TopBar>
      <main className="min-h-0 flex-1 overflow-y-auto bg-surface">
        {data?.map((project) => (
          <Link
            key={project.id}
            to="/app/$org/p/$project/logs"
            params={{ org, project: project.name }}
            className="block border-b border-line px-5 py-1.5"
          >
            {project.name}
          </Link>
        ))}
      </main>
    </>
  );
}
