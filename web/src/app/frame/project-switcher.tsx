import { ChevronsUpDown } from "lucide-react";
import { useMaybeProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { cx } from "@/ui/cx.ts";
import { Mark } from "@/ui/mark.tsx";
import { latePart } from "../late-part.ts";
import { LateMenu } from "./late-menu.tsx";

const part = latePart(() => import("./project-items.tsx").then((module) => module.ProjectItems));

/** The mark and the current project; a press changes project. */
export function ProjectSwitcher({ wide }: { wide: boolean }) {
  const project = useMaybeProject();
  const org = useSession().organization.name;
  return (
    <LateMenu
      part={part}
      trigger={
        <button
          type="button"
          className={cx(
            "flex min-w-0 items-center gap-2 rounded-btn hover:bg-hover",
            wide ? "h-8 w-full px-1.5 coarse:h-11" : "size-[34px] justify-center",
          )}
        >
          <Mark size={wide ? 22 : 24} />
          <span className={wide ? "min-w-0 flex-1 truncate text-left font-semibold" : "sr-only"}>
            <span className="sr-only">{project ? "Project: " : "Organization: "}</span>
            {project?.name ?? org}
            <span className="sr-only">. Change project</span>
          </span>
          {wide && <ChevronsUpDown className="icon text-ink-3" aria-hidden="true" />}
        </button>
      }
    />
  );
}
