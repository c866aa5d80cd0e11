import { useQuery } from "@tanstack/react-query";
import { scoresQuery } from "@/api/queries.ts";
import { useProject } from "@/api/use-project.ts";
import { TopBar } from "@/ui/top-bar.tsx";

export function ConfigurationPage() {
  const { data } = useQuery(scoresQuery(useProject().id));
  return (
    <>
      <TopBar>
        <h1 className="text-title font-semibold">Configuration</h1>
      </TopBar>
      <main className="min-h-0 flex-1 overflow-y-auto bg-surface px-5 py-4">
        {data?.map((score) => (
          <p key={score.id}>{score.name}</p>
        ))}
      </main>
    </>
  );
}
