import { Link, type LinkProps } from "@tanstack/react-router";
import { Database, FlaskConical, ListChecks, PanelLeft, Rows3, Search, Settings2 } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { useMaybeProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { useAria } from "@/lib/commands/bindings.ts";
import { runCommand } from "@/lib/commands/dispatch.ts";
import { cx } from "@/ui/cx.ts";
import { CommandKbd } from "@/ui/kbd.tsx";
import { latePart } from "../late-part.ts";
import { Bell } from "./bell.tsx";
import { MeMenu } from "./me-menu.tsx";
import { ProjectSwitcher } from "./project-switcher.tsx";
import { SavedViews } from "./saved-views.tsx";
import { SyncWords } from "./sync-words.tsx";

const waiting = latePart(() => import("./waiting-count.tsx").then((module) => module.WaitingCount));

/** How many reviews wait for the viewer; the live connection that knows comes after the first paint. */
function Waiting(props: { projectId: string; wide: boolean }) {
  const Count = waiting.use();
  useEffect(() => void waiting.fetch(), []);
  return Count && <Count {...props} />;
}

function Section({
  wide,
  icon,
  label,
  count,
  ...link
}: LinkProps & { wide: boolean; icon: ReactNode; label: string; count?: ReactNode }) {
  return (
    <Link
      {...link}
      activeOptions={{ exact: false, includeSearch: false }}
      title={wide ? undefined : label}
      className={cx(
        "relative flex items-center gap-2 rounded-btn font-medium text-ink-2 no-underline hover:bg-hover aria-[current=page]:bg-hover aria-[current=page]:text-ink [&>svg]:text-ink-3 aria-[current=page]:[&>svg]:text-ink",
        wide ? "h-7 px-2" : "size-[34px] justify-center",
      )}
    >
      {icon}
      {wide ? label : <span className="sr-only">{label}</span>}
      {count}
    </Link>
  );
}

/** Sections of the current project, the way to everything else, and at the foot: me and the state of sync. */
export function SideBar({ wide, onToggle }: { wide: boolean; onToggle: () => void }) {
  const project = useMaybeProject();
  const org = useSession().organization.name;
  const params = project ? { org, project: project.name } : null;
  const iconClass = "size-[15px] flex-none stroke-[1.75]";
  return (
    <nav
      aria-label="Main"
      className={cx(
        "hidden min-h-0 flex-none flex-col gap-px border-r border-line py-2.5 md:flex",
        wide ? "w-[216px] px-2" : "w-[52px] items-center",
      )}
    >
      <ProjectSwitcher wide={wide} />
      <button
        type="button"
        onClick={() => runCommand("palette.open")}
        aria-label={wide ? undefined : "Search or jump to"}
        aria-keyshortcuts={useAria("palette.open")}
        title={wide ? undefined : "Search or jump to"}
        className={cx(
          "my-2 flex items-center gap-1.5 rounded-btn text-small text-ink-3 hover:text-ink",
          wide
            ? "mx-0.5 h-7 border border-line-2 bg-surface pr-1 pl-2"
            : "size-[34px] justify-center hover:bg-hover",
        )}
      >
        <Search className={wide ? "icon" : iconClass} aria-hidden="true" />
        {wide && (
          <>
            <span className="flex-1 text-left">Search or jump to</span>
            <CommandKbd id="palette.open" />
          </>
        )}
      </button>
      {params && (
        <Section
          wide={wide}
          label="Logs"
          icon={<Rows3 className={iconClass} aria-hidden="true" />}
          to="/app/$org/p/$project/logs"
          params={params}
        />
      )}
      {params && (
        <Section
          wide={wide}
          label="Experiments"
          icon={<FlaskConical className={iconClass} aria-hidden="true" />}
          to="/app/$org/p/$project/experiments"
          params={params}
        />
      )}
      {params && (
        <Section
          wide={wide}
          label="Datasets"
          icon={<Database className={iconClass} aria-hidden="true" />}
          to="/app/$org/p/$project/datasets"
          params={params}
        />
      )}
      {params && project && (
        <Section
          wide={wide}
          label="Review"
          icon={<ListChecks className={iconClass} aria-hidden="true" />}
          count={<Waiting projectId={project.id} wide={wide} />}
          to="/app/$org/p/$project/review"
          params={params}
        />
      )}
      {wide && project && <SavedViews org={org} project={project} />}
      <span className="flex-1" />
      {params && (
        <Section
          wide={wide}
          label="Configuration"
          icon={<Settings2 className={iconClass} aria-hidden="true" />}
          to="/app/$org/p/$project/configuration/$section"
          params={{ ...params, section: "scores" }}
        />
      )}
      <span
        className={cx("flex min-w-0 flex-none items-center", wide ? "mt-1 h-6 px-2" : "h-6 justify-center")}
      >
        <SyncWords hideText={!wide} />
      </span>
      <div className={cx("flex items-center gap-1", wide ? "h-9" : "flex-col")}>
        <MeMenu wide={wide} />
        {wide && <span className="flex-1" />}
        <Bell wide={wide} side={wide ? "top" : "right"} />
        <button
          type="button"
          onClick={onToggle}
          aria-label={wide ? "Make the side bar narrow" : "Make the side bar wide"}
          aria-keyshortcuts={useAria("frame.sidebar")}
          aria-expanded={wide}
          title={`${wide ? "Narrow" : "Wide"} side bar  [`}
          className={cx(
            "hidden flex-none place-items-center rounded-btn text-ink-3 hover:bg-hover hover:text-ink xl:grid",
            wide ? "size-7" : "size-[34px]",
          )}
        >
          <PanelLeft className="icon" aria-hidden="true" />
        </button>
      </div>
    </nav>
  );
}
