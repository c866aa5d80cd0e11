import { type ReactElement, useState } from "react";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { Popover } from "@/ui/popover.tsx";
import { Inbox } from "./inbox.tsx";

interface Props {
  trigger: ReactElement<Record<string, unknown>>;
  side: "top" | "bottom" | "right";
  isSeen: boolean;
}

/** What was told, beside its bell; open from the first. */
export function InboxPopover({ trigger, side, isSeen }: Props) {
  const [open, setOpen] = useState(true);
  useCommand("inbox.open", () => setOpen(true), isSeen);
  return (
    <Popover
      label="Notifications"
      side={side}
      align="end"
      width={360}
      open={open}
      onOpenChange={setOpen}
      trigger={trigger}
    >
      <Inbox onClose={() => setOpen(false)} />
    </Popover>
  );
}
