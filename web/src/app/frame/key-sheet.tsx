import { useMemo } from "react";
import { available } from "@/lib/commands/dispatch.ts";
import { COMMANDS } from "@/lib/commands/table.ts";
import type { Command, Scope } from "@/lib/commands/types.ts";
import { useStore } from "@/lib/store.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { Kbd } from "@/ui/kbd.tsx";

const titles: Record<Scope, string> = {
  global: "Everywhere",
  projects: "Projects",
  objects: "List",
  logs: "Logs",
  trace: "Trace",
  focus: "Focused review",
  review: "Review",
  configuration: "Configuration",
  dialog: "Dialog",
};

/** Shows "1 to 9" for a run of digits, else the first key. */
function firstKeys(command: Command): string[] {
  if (command.keys.length > 2) return [command.keys[0] ?? "", command.keys[command.keys.length - 1] ?? ""];
  return command.keys.slice(0, 1);
}

/** All keys of this page: only those that do something now. */
export function KeySheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const offered = useStore(available);
  const groups = useMemo(() => {
    const shown = COMMANDS.filter((command) => command.keys.length > 0 && offered.includes(command.id));
    const scopes = [...new Set(shown.map((command) => command.scope))].sort((a) => (a === "global" ? 1 : -1));
    return scopes.map((scope) => ({ scope, commands: shown.filter((command) => command.scope === scope) }));
  }, [offered]);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Keys"
      width={560}
      description="Single keys are silent while you type; Esc leaves a field."
    >
      <div className="gap-x-8 sm:columns-2">
        {groups.map((group) => (
          <section key={group.scope} className="mb-4 break-inside-avoid" aria-label={titles[group.scope]}>
            <h3 className="mb-1 text-micro font-medium text-ink-3">{titles[group.scope]}</h3>
            <ul>
              {group.commands.map((command) => (
                <li key={command.id} className="flex h-7 items-center gap-2 border-b border-line">
                  <span className="min-w-0 flex-1 truncate">{command.label}</span>
                  {firstKeys(command).map((keys, index) => (
                    <span key={keys} className="inline-flex items-center gap-1">
                      {index > 0 && <span className="text-ink-3">to</span>}
                      <Kbd keys={keys} />
                    </span>
                  ))}
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
