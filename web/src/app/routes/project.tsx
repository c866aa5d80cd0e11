import { Link, Outlet, useParams } from "@tanstack/react-router";
import { useMaybeProject } from "@/api/use-project.ts";
import { buttonClass } from "@/ui/button.tsx";
import { EmptyState } from "@/ui/states.tsx";

/** Everything inside one project; says so when there is no such project. */
export function ProjectPage() {
  const { org, project: name } = useParams({ from: "/app/$org/p/$project" });
  const project = useMaybeProject();
  if (project) return <Outlet />;
  return (
    <main className="min-h-0 flex-1 bg-surface">
      <EmptyState
        title={`No project named ${name}`}
        action={
          <Link to="/app/$org" params={{ org }} className={buttonClass()}>
            Show all projects
          </Link>
        }
      >
        It was renamed or deleted, or it belongs to another organization.
      </EmptyState>
    </main>
  );
}
