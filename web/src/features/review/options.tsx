import { Check } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import { cx } from "@/ui/cx.ts";
import { Kbd } from "@/ui/kbd.tsx";
import { neighbour } from "./questions.ts";

interface Props {
  label: string;
  options: readonly string[];
  chosen: readonly string[];
  multiple: boolean;
  disabled: boolean;
  describedBy?: string;
  /** Prints the digits: only the current question answers to them. */
  digits: boolean;
  onChoose: (option: string) => void;
}

/** Options side by side: a radio group with one tab stop, or several boxes to tick. */
export function Options({
  label,
  options,
  chosen,
  multiple,
  disabled,
  describedBy,
  digits,
  onChoose,
}: Props) {
  const group = useRef<HTMLDivElement>(null);
  const current = options.findIndex((option) => chosen.includes(option));
  const short =
    options.length <= 4 && options.every((option) => option.length <= 12) && options.join("").length <= 32;

  const onKeyDown = (event: KeyboardEvent) => {
    if (multiple || disabled || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = ["ArrowRight", "ArrowDown"].includes(event.key)
      ? 1
      : ["ArrowLeft", "ArrowUp"].includes(event.key)
        ? -1
        : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = neighbour(options, current, step);
    const option = options[next];
    if (option === undefined) return;
    onChoose(option);
    group.current?.querySelectorAll<HTMLElement>("button")[next]?.focus();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: always one of two group roles
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles take a name and a state
    <div
      ref={group}
      role={multiple ? "group" : "radiogroup"}
      aria-label={label}
      aria-describedby={describedBy}
      aria-disabled={disabled || undefined}
      onKeyDown={onKeyDown}
      className={short ? "grid auto-cols-fr grid-flow-col gap-1.5" : "flex flex-wrap gap-1.5"}
    >
      {options.map((option, index) => {
        const on = chosen.includes(option);
        const stop = multiple || index === Math.max(0, current);
        return (
          // biome-ignore lint/a11y/useAriaPropsSupportedByRole: a radio or a checkbox, both can be checked
          <button
            key={option}
            type="button"
            role={multiple ? "checkbox" : "radio"}
            aria-checked={on}
            aria-disabled={disabled || undefined}
            aria-keyshortcuts={digits && index < 9 ? String(index + 1) : undefined}
            tabIndex={stop ? 0 : -1}
            onClick={() => !disabled && onChoose(option)}
            className={cx(
              "flex min-h-8 min-w-0 items-center gap-1.5 rounded-[7px] border px-[9px] py-1 text-left text-[12.5px] leading-4 font-medium transition-colors duration-[120ms] coarse:min-h-11",
              on
                ? "border-accent bg-accent-soft text-accent-ink shadow-[inset_0_0_0_.5px_var(--accent)]"
                : "border-line-2 enabled:hover:bg-hover",
              disabled && "opacity-60",
            )}
          >
            {multiple && on && <Check className="icon" aria-hidden="true" />}
            <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{option}</span>
            {digits && index < 9 && <Kbd keys={String(index + 1)} />}
          </button>
        );
      })}
    </div>
  );
}
