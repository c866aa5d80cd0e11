import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useModal } from "@/lib/commands/dispatch.ts";
import { Button } from "./button.tsx";

interface Props {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  /** Buttons at the foot, the main one last. */
  actions?: ReactNode;
  /** False for dialogs that must be answered, such as the end of a session. */
  closable?: boolean;
  width?: number;
}

/** A modal dialog: traps focus, closes on Esc, gives focus back, silences the page's keys. */
export function Dialog({
  open,
  onClose,
  title,
  description,
  children,
  actions,
  closable = true,
  width = 440,
}: Props) {
  useModal(open);
  return (
    <Base.Root
      open={open}
      onOpenChange={(next) => !next && closable && onClose()}
      disablePointerDismissal={!closable}
    >
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-[rgb(15_16_18/.38)] transition-opacity duration-[160ms] data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          className="floating fixed top-[12dvh] left-1/2 z-40 flex max-h-[80dvh] max-w-[calc(100vw-24px)] -translate-x-1/2 flex-col rounded-option! outline-none"
          style={{ width }}
        >
          <header className="flex items-start gap-3 px-5 pt-4 pb-1">
            <Base.Title className="flex-1 text-title font-semibold tracking-[-.01em]">{title}</Base.Title>
            {closable && (
              <Button
                kind="ghost"
                square
                aria-label="Close"
                icon={<X className="icon" />}
                onClick={onClose}
              />
            )}
          </header>
          <div className="min-h-0 overflow-y-auto px-5 pb-5">
            {description && <Base.Description className="mb-3 text-ink-2">{description}</Base.Description>}
            {children}
          </div>
          {actions && (
            <footer className="flex justify-end gap-2 border-t border-line px-5 py-3">{actions}</footer>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
