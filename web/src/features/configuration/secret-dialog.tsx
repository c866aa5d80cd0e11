import type { ReactNode } from "react";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";

/** Shows what is shown once; it is closed by the one who says to have it. */
export function SecretDialog({
  what,
  description,
  width = 440,
  onClose,
  children,
}: {
  /** "key", "secret". */
  what: string;
  description: string;
  width?: number;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Dialog
      open
      onClose={onClose}
      closable={false}
      title={`Copy the ${what} now`}
      description={description}
      width={width}
      actions={
        <Button kind="primary" onClick={onClose}>
          I have it
        </Button>
      }
    >
      {children}
    </Dialog>
  );
}
