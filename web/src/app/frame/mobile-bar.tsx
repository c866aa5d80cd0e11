import { useNavigate } from "@tanstack/react-router";
import { Menu as MenuIcon } from "lucide-react";
import { useMaybeProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { runCommand } from "@/lib/commands/dispatch.ts";
import { Button } from "@/ui/button.tsx";
import { Menu, MenuItem } from "@/ui/menu.tsx";
import { MeMenu } from "./me-menu.tsx";
import { ProjectSwitcher } from "./project-switcher.tsx";
import { SyncWords } from "./sync-words.tsx";

/** The side bar of small screens: one line on top. */
export function MobileBar() {
  const navigate = useNavigate();
  const org = useSession().organization.name;
  const project = useMaybeProject();
  const params = project ? { org, project: project.name } : null;
  return (
    <nav
      aria-label="Main"
      className="flex h-12 flex-none items-center gap-1 border-b border-line px-2 md:hidden"
    >
      <div className="min-w-0 flex-1">
        <ProjectSwitcher wide />
      </div>
      <SyncWords />
      <MeMenu wide={false} side="bottom" />
      <Menu
        label="Sections"
        align="end"
        trigger={<Button kind="ghost" square aria-label="Sections" icon={<MenuIcon className="icon" />} />}
      >
        <MenuItem onPress={() => runCommand("palette.open")}>Search or jump to</MenuItem>
        {params && (
          <>
            <MenuItem onPress={() => void navigate({ to: "/app/$org/p/$project/logs", params })}>
              Logs
            </MenuItem>
            <MenuItem onPress={() => void navigate({ to: "/app/$org/p/$project/experiments", params })}>
              Experiments
            </MenuItem>
            <MenuItem onPress={() => void navigate({ to: "/app/$org/p/$project/datasets", params })}>
              Datasets
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
    </nav>
  );
}
