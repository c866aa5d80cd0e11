import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { get } from "@/api/client.ts";
import type { TracePage } from "@/api/types.ts";
import { useProject } from "@/api/use-project.ts";
import { TopBar } from "@/ui/top-bar.tsx";

const route = getRouteApi("/app/$org/p/$project/logs");

export function LogsPage() {
  const project = useProject();
  const params = route.useParams();
  const { data } = useQuery({
    queryKey: ["traces", project.id],
    queryFn: () =>
      get<TracePage>("/api/trace", { object_type: "project_logs", object_id: project.id, limit: 100 }),
  });
  return (
    <>
      <TopBar>
        <h1 className="text-title font-semibold">Logs</h1>
      </TopBar>
      <main className="min-h-0 flex-1 overflow-y-auto bg-surface">
        {data?.traces.map((trace) => (
          <Link
            key={trace.id}
            to="/app/$org/p/$project/logs/$trace"
            params={{ ...params, trace: trace.root_span_id }}
            className="block truncate border-b border-line px-5 py-1.5"
          >
            {trace.input_preview ?? trace.name}
          </Link>
        ))}
      </main>
    </>
  );
}
