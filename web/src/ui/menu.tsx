import { Menu as Base } from "@base-ui/react/menu";
import { Check } from "lucide-react";
import type { ReactElement, ReactNode } from "react";

interface Props {
  /** The control that opens it: one element. */
  trigger: ReactElement<Record<string, unknown>>;
  children: ReactNode;
  side?: "top" | "bottom";
  align?: "start" | "end";
  label?: string;
  width?: number;
  startsOpen?: boolean;
}

/** A menu under (or over) its trigger. */
export function Menu({
  trigger,
  children,
  side = "bottom",
  align = "start",
  label,
  width = 216,
  startsOpen = false,
}: Props) {
  return (
    <Base.Root modal={false} defaultOpen={startsOpen}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner side={side} align={align} sideOffset={4} className="z-40">
          <Base.Popup
            aria-label={label}
            className="floating max-h-[min(420px,var(--available-height))] overflow-y-auto p-1 outline-none"
            style={{ minWidth: width }}
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

const item =
  "flex min-h-7 w-full select-none items-center gap-2 rounded-chip px-2 text-left text-base text-ink-2 no-underline outline-none data-highlighted:bg-hover data-highlighted:text-ink data-disabled:opacity-55 coarse:min-h-10";

export function MenuItem({
  onPress,
  icon,
  hint,
  disabled = false,
  children,
}: {
  onPress: () => void;
  icon?: ReactNode;
  hint?: ReactNode;
  disabled?: boolean;
  children: ReactNode;
}) {
  return (
    <Base.Item className={item} onClick={onPress} disabled={disabled}>
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {hint}
    </Base.Item>
  );
}

/** An item that is on or off and leaves the menu open. */
export function MenuCheck({
  checked,
  onChange,
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}) {
  return (
    <Base.CheckboxItem className={item} checked={checked} onCheckedChange={onChange} closeOnClick={false}>
      <span className="grid size-3.5 flex-none place-items-center">
        <Base.CheckboxItemIndicator>
          <Check className="icon text-accent-ink" aria-hidden="true" />
        </Base.CheckboxItemIndicator>
      </span>
      <span className="min-w-0 flex-1 truncate">{children}</span>
    </Base.CheckboxItem>
  );
}

/** One choice among several inside a menu. */
export function MenuRadio<T extends string>({
  value,
  onChange,
  options,
}: {
  value: T;
  onChange: (value: T) => void;
  options: readonly { value: T; label: ReactNode }[];
}) {
  return (
    <Base.RadioGroup value={value} onValueChange={(next: T) => onChange(next)}>
      {options.map((option) => (
        <Base.RadioItem key={option.value} value={option.value} className={item} closeOnClick>
          <span className="grid size-3.5 flex-none place-items-center">
            <Base.RadioItemIndicator>
              <Check className="icon text-accent-ink" aria-hidden="true" />
            </Base.RadioItemIndicator>
          </span>
          <span className="min-w-0 flex-1 truncate">{option.label}</span>
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <div className="px-2 pt-1.5 pb-1 text-micro font-medium text-ink-3">{children}</div>;
}

export function MenuLine() {
  return <Base.Separator className="my-1 h-px bg-line" />;
}
