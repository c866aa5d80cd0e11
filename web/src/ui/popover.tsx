import { Popover as Base } from "@base-ui/react/popover";
import type { ReactElement, ReactNode } from "react";

interface Props {
  trigger: ReactElement<Record<string, unknown>>;
  label: string;
  children: ReactNode;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  side?: "top" | "bottom" | "left" | "right";
  align?: "start" | "center" | "end";
  width?: number;
}

/** A small panel beside its trigger; not modal, closes on Esc and on a press outside. */
export function Popover({
  trigger,
  label,
  children,
  open,
  onOpenChange,
  side = "bottom",
  align = "start",
  width = 260,
}: Props) {
  const state = open === undefined ? {} : { open };
  return (
    <Base.Root {...state} onOpenChange={(next) => onOpenChange?.(next)}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner side={side} align={align} sideOffset={4} className="z-40">
          <Base.Popup
            aria-label={label}
            className="floating max-h-[min(480px,var(--available-height))] overflow-y-auto p-2 outline-none"
            style={{ width }}
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
