import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { patch } from "@/api/client.ts";
import { problemText } from "@/api/problem.ts";
import { projectsQuery } from "@/api/queries.ts";
import { useProject } from "@/api/use-project.ts";
import { INDEPENDENT, isIndependent } from "@/lib/independent.ts";
import { toast } from "@/ui/toasts.tsx";

/** Whether people see what others gave before they have answered. */
export function IndependentSwitch({ allowed }: { allowed: boolean }) {
  const project = useProject();
  const queries = useQueryClient();
  // What was pressed shows at once, and stands until the server has it.
  const [pressed, setPressed] = useState<boolean | null>(null);
  const set = async (on: boolean) => {
    setPressed(on);
    const settings =
      typeof project.settings === "object" && project.settings !== null ? project.settings : {};
    try {
      await patch(`/v1/project/${project.id}`, { settings: { ...settings, [INDEPENDENT]: on } });
      await queries.invalidateQueries({ queryKey: projectsQuery.queryKey });
    } catch (error) {
      toast({ title: "Not changed", body: problemText(error), tone: "fail" });
    }
    setPressed(null);
  };
  return (
    <label className="mb-4 flex items-start gap-2.5">
      <input
        type="checkbox"
        className="mt-[3px] size-4 flex-none accent-(--accent)"
        checked={pressed ?? isIndependent(project)}
        disabled={!allowed}
        onChange={(event) => void set(event.target.checked)}
      />
      <span>
        <span className="font-medium">Answer independently</span>
        <span className="block text-small text-ink-3">
          What judges and other reviewers gave for a score stays hidden from whoever has not answered it yet.
        </span>
      </span>
    </label>
  );
}
