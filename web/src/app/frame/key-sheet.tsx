import { useMemo, useState } from "react";
import { isOwn, resetKeys, useKeysOf } from "@/lib/commands/bindings.ts";
import { available, setSingleKeys, useSingleKeys } from "@/lib/commands/dispatch.ts";
import { COMMANDS } from "@/lib/commands/table.ts";
import type { Scope } from "@/lib/commands/types.ts";
import { useStore } from "@/lib/store.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { KeyRow } from "./key-row.tsx";

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

/** All keys of this page: only those that do something now. They can be changed, and single ones turned off. */
export function KeySheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const offered = useStore(available);
  const keysOf = useKeysOf();
  const single = useSingleKeys();
  const [editing, setEditing] = useState(false);
  const groups = useMemo(() => {
    const shown = COMMANDS.filter(
      (command) => (editing || keysOf(command.id).length > 0) && offered.includes(command.id),
    );
    const scopes = [...new Set(shown.map((command) => command.scope))].sort((a) => (a === "global" ? 1 : -1));
    return scopes.map((scope) => ({ scope, commands: shown.filter((command) => command.scope === scope) }));
  }, [offered, editing, keysOf]);
  const changed = COMMANDS.some((command) => isOwn(command.id));
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Keys"
      width={620}
      description={
        editing
          ? "Press the keys of a command, then the new ones. A pause ends a sequence such as G L."
          : "Single keys are silent while you type; Esc leaves a field."
      }
      actions={
        <>
          <label className="mr-auto flex min-h-7 items-center gap-2">
            <input
              type="checkbox"
              checked={single}
              onChange={(event) => setSingleKeys(event.target.checked)}
              className="size-3.5 accent-[var(--accent)]"
            />
            Single-key shortcuts
          </label>
          {editing && changed && <Button onClick={resetKeys}>All as standard</Button>}
          <Button kind={editing ? "primary" : "plain"} onClick={() => setEditing(!editing)}>
            {editing ? "Done" : "Change keys"}
          </Button>
        </>
      }
    >
      <div className="gap-x-8 sm:columns-2">
        {groups.map((group) => (
          <section
            key={group.scope}
            className="mb-4 break-inside-avoid-column"
            aria-label={titles[group.scope]}
          >
            <h3 className="mb-1 text-micro font-medium text-ink-3">{titles[group.scope]}</h3>
            <ul>
              {group.commands.map((command) => (
                <KeyRow key={command.id} id={command.id} editing={editing} />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
