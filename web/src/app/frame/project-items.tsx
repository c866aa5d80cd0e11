import { useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { projectsQuery } from "@/api/queries.ts";
import { useMaybeProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { Menu, MenuItem, MenuLabel, MenuLine, MenuRadio } from "@/ui/menu.tsx";
import type { LateMenuProps } from "./late-menu.tsx";

/** Every project, to go to. */
export function ProjectItems(menu: LateMenuProps) {
  const org = useSession().organization.name;
  const { data: projects } = useSuspenseQuery(projectsQuery);
  const project = useMaybeProject();
  const navigate = useNavigate();
  return (
    <Menu {...menu} label="Projects">
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
