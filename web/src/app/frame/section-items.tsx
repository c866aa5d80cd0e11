import { useNavigate } from "@tanstack/react-router";
import { useMaybeProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { runCommand } from "@/lib/commands/dispatch.ts";
import { Menu, MenuItem } from "@/ui/menu.tsx";
import type { LateMenuProps } from "./late-menu.tsx";

/** The sections of the side bar, for small screens. */
export function SectionItems(menu: LateMenuProps) {
  const navigate = useNavigate();
  const org = useSession().organization.name;
  const project = useMaybeProject();
  const params = project ? { org, project: project.name } : null;
  return (
    <Menu {...menu} label="Sections" align="end">
      <MenuItem onPress={() => runCommand("palette.open")}>Search or jump to</MenuItem>
      {params && (
        <>
          <MenuItem onPress={() => void navigate({ to: "/app/$org/p/$project/logs", params })}>Logs</MenuItem>
          <MenuItem onPress={() => void navigate({ to: "/app/$org/p/$project/experiments", params })}>
            Experiments
          </MenuItem>
          <MenuItem onPress={() => void navigate({ to: "/app/$org/p/$project/datasets", params })}>
            Datasets
          </MenuItem>
          <MenuItem onPress={() => void navigate({ to: "/app/$org/p/$project/review", params })}>
            Review
          </MenuItem>
          <MenuItem
            onPress={() =>
              void navigate({
                to: "/app/$org/p/$project/configuration/$section",
                params: { ...params, section: "scores" },
              })
            }
          >
            Configuration
          </MenuItem>
        </>
      )}
      <MenuItem onPress={() => void navigate({ to: "/app/$org", params: { org } })}>Projects</MenuItem>
    </Menu>
  );
}
