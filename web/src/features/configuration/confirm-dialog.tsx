import type { ReactNode } from "react";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";

/** Asks before something goes that does not come back; closed while there is nothing to ask about. */
export function ConfirmDialog({
  what,
  verb,
  onConfirm,
  onClose,
  title,
  children,
}: {
  /** Name of what goes; `null`: nothing is asked. */
  what: string | null;
  /** On the button: "Delete key". */
  verb: string;
  onConfirm: () => void;
  onClose: () => void;
  /** Instead of "Delete" and the name. */
  title?: string;
  children: ReactNode;
}) {
  return (
    <Dialog
      open={what !== null}
      onClose={onClose}
      title={title ?? `Delete ${what ?? ""}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" onClick={onConfirm}>
            {verb}
          </Button>
        </>
      }
    >
      <p className="text-ink-2">{children}</p>
    </Dialog>
  );
}
