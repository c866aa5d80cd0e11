import { useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ChevronsUpDown } from "lucide-react";
import { projectsQuery } from "@/api/queries.ts";
import { useMaybeProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { cx } from "@/ui/cx.ts";
import { Mark } from "@/ui/mark.tsx";
import { Menu, MenuItem, MenuLabel, MenuLine, MenuRadio } from "@/ui/menu.tsx";

/** The mark and the current project; a press changes project. */
export function ProjectSwitcher({ wide }: { wide: boolean }) {
  const session = useSession();
  const { data: projects } = useSuspenseQuery(projectsQuery);
  const project = useMaybeProject();
  const navigate = useNavigate();
  const org = session.organization.name;
  const name = project?.name ?? org;
  return (
    <Menu
      label="Projects"
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
            {name}
            <span className="sr-only">. Change project</span>
          </span>
          {wide && <ChevronsUpDown className="icon text-ink-3" aria-hidden="true" />}
        </button>
      }
    >
      {projects.length > 0 && (
        <>
          <MenuLabel>Projects</MenuLabel>
          <MenuRadio
            value={project?.id ?? ""}
            onChange={(id) => {
              const chosen = projects.find((other) => other.id === id);
              if (chosen)
                void navigate({ to: "/app/$org/p/$project/logs", params: { org, project: chosen.name } });
            }}
            options={projects.map((other) => ({ value: other.id, label: other.name }))}
          />
          <MenuLine />
        </>
      )}
      <MenuItem onPress={() => void navigate({ to: "/app/$org", params: { org } })}>All projects</MenuItem>
    </Menu>
  );
}
