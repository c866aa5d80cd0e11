import { Menu as MenuIcon } from "lucide-react";
import { Button } from "@/ui/button.tsx";
import { latePart } from "../late-part.ts";
import { Bell } from "./bell.tsx";
import { LateMenu } from "./late-menu.tsx";
import { MeMenu } from "./me-menu.tsx";
import { ProjectSwitcher } from "./project-switcher.tsx";
import { SyncWords } from "./sync-words.tsx";

const sections = latePart(() => import("./section-items.tsx").then((module) => module.SectionItems));

/** The side bar of small screens: one line on top. */
export function MobileBar() {
  return (
    <nav
      aria-label="Main"
      className="flex h-12 flex-none items-center gap-1 border-b border-line px-2 md:hidden"
    >
      <div className="min-w-0 flex-1">
        <ProjectSwitcher wide />
      </div>
      <SyncWords />
      <Bell wide={false} side="bottom" />
      <MeMenu wide={false} side="bottom" />
      <LateMenu
        part={sections}
        trigger={<Button kind="ghost" square aria-label="Sections" icon={<MenuIcon className="icon" />} />}
      />
    </nav>
  );
}
