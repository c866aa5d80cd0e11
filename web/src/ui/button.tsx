import type { ComponentProps, ReactNode } from "react";
import { useKeysOf } from "@/lib/commands/bindings.ts";
import { ariaKeys } from "@/lib/commands/keys.ts";
import type { CommandId } from "@/lib/commands/table.ts";
import { cx } from "./cx.ts";
import { Kbd } from "./kbd.tsx";

export type ButtonKind = "plain" | "ghost" | "primary" | "danger";

const kinds: Record<ButtonKind, string> = {
  plain: "border-line-2 bg-surface shadow-1 hover:bg-hover",
  ghost: "border-transparent text-ink-2 hover:bg-hover hover:text-ink",
  primary: "border-transparent bg-accent text-accent-on hover:brightness-110",
  danger: "border-transparent bg-fail-soft text-fail hover:brightness-95 dark:hover:brightness-125",
};

/** The look of a button, for links that look like one. */
export function buttonClass(kind: ButtonKind = "plain", square = false): string {
  return cx(
    "inline-flex h-7 flex-none select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-btn border text-[12.5px] font-medium leading-5 transition-colors duration-[120ms] ease-out coarse:h-10",
    "disabled:opacity-55 aria-disabled:opacity-55 disabled:hover:bg-transparent",
    square ? "w-7 coarse:w-10" : "px-2.5",
    kinds[kind],
  );
}

interface Props extends Omit<ComponentProps<"button">, "className"> {
  kind?: ButtonKind;
  /** A single icon: give `aria-label` too. */
  square?: boolean;
  icon?: ReactNode;
  /** Prints the command's key and announces it; the handler stays the caller's. */
  command?: CommandId;
  /** For squares: no room for the key cap, it goes to the title. */
  busy?: boolean;
  className?: string;
}

export function Button({
  kind = "plain",
  square = false,
  icon,
  command: id,
  busy = false,
  className,
  children,
  ...rest
}: Props) {
  const keysOf = useKeysOf();
  const keys = id ? keysOf(id) : [];
  return (
    <button
      type="button"
      aria-busy={busy || undefined}
      aria-keyshortcuts={ariaKeys(keys)}
      title={square ? (rest["aria-label"] ?? undefined) : undefined}
      {...rest}
      disabled={rest.disabled || busy}
      className={cx(buttonClass(kind, square), className)}
    >
      {icon}
      {children}
      {!square && <Kbd keys={keys[0] ?? ""} onAccent={kind === "primary"} />}
    </button>
  );
}
