import { useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command as Cmdk } from "cmdk";
import { useState } from "react";
import { projectsQuery } from "@/api/queries.ts";
import { useSession } from "@/api/use-session.ts";
import { available, runCommand } from "@/lib/commands/dispatch.ts";
import { COMMANDS, type CommandId } from "@/lib/commands/table.ts";
import { isTextList, readSetting, writeSetting } from "@/lib/storage.ts";
import { CommandKbd } from "@/ui/kbd.tsx";

const RECENT = 5;
const group =
  "[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-micro [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-3";
const item =
  "flex h-8 items-center gap-2 rounded-chip px-2 text-ink-2 data-[selected=true]:bg-hover data-[selected=true]:text-ink coarse:h-11";

/** Every action that makes sense here, by name; the last five first. */
export function Palette({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const org = useSession().organization.name;
  const { data: projects } = useSuspenseQuery(projectsQuery);
  // What could be done before the palette opened; the set does not change while it is open.
  const [offered] = useState(() => available.get());
  const [recent] = useState(() => readSetting<string[]>("palette-recent", [], isTextList));

  const commands = COMMANDS.filter(
    (command) => offered.includes(command.id) && !("keyOnly" in command && command.keyOnly),
  );
  const lately = recent.flatMap((id) => commands.filter((command) => command.id === id));
  const here = commands.filter((command) => command.scope !== "global" && !lately.includes(command));
  const everywhere = commands.filter((command) => command.scope === "global" && !lately.includes(command));

  const run = (id: CommandId) => {
    writeSetting("palette-recent", [id, ...recent.filter((other) => other !== id)].slice(0, RECENT));
    onClose();
    // After the dialog has given focus back, so that the command acts on the page.
    setTimeout(() => runCommand(id), 0);
  };
  const list = (heading: string, of: typeof commands) =>
    of.length > 0 && (
      <Cmdk.Group heading={heading} className={group}>
        {of.map((command) => (
          <Cmdk.Item
            key={command.id}
            value={command.label}
            keywords={"synonyms" in command ? [...command.synonyms] : []}
            onSelect={() => run(command.id)}
            className={item}
          >
            <span className="flex-1 truncate">{command.label}</span>
            <CommandKbd id={command.id} />
          </Cmdk.Item>
        ))}
      </Cmdk.Group>
    );

  return (
    <Cmdk.Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      label="Search or jump to"
      overlayClassName="fixed inset-0 z-40 bg-[rgb(15_16_18/.38)]"
      contentClassName="fixed top-[12dvh] left-1/2 z-50 w-[560px] max-w-[calc(100vw-24px)] -translate-x-1/2"
      className="floating overflow-hidden rounded-option!"
      loop
    >
      <Cmdk.Input
        placeholder="Search or jump to"
        className="block h-11 w-full border-b border-line bg-transparent px-4 text-read outline-none"
      />
      <Cmdk.List className="max-h-[min(52dvh,420px)] overflow-y-auto p-1.5">
        <Cmdk.Empty className="px-3 py-8 text-center text-ink-3">Nothing by that name</Cmdk.Empty>
        {list("Recent", lately)}
        {list("On this page", here)}
        {list("Everywhere", everywhere)}
        {projects.length > 0 && (
          <Cmdk.Group heading="Projects" className={group}>
            {projects.map((project) => (
              <Cmdk.Item
                key={project.id}
                value={`project ${project.name}`}
                onSelect={() => {
                  onClose();
                  void navigate({ to: "/app/$org/p/$project/logs", params: { org, project: project.name } });
                }}
                className={item}
              >
                <span className="flex-1 truncate">{project.name}</span>
              </Cmdk.Item>
            ))}
          </Cmdk.Group>
        )}
      </Cmdk.List>
    </Cmdk.Dialog>
  );
}
