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
  /** One card below the other, to press with a thumb. */
  large?: boolean;
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
  large = false,
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
      className={
        large
          ? "flex flex-col gap-2"
          : short
            ? "grid auto-cols-fr grid-flow-col gap-1.5"
            : "flex flex-wrap gap-1.5"
      }
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
              "flex min-w-0 items-center border text-left font-medium",
              large
                ? "min-h-12 gap-3 rounded-option px-3 py-2.5 text-[14px] leading-5"
                : "min-h-8 gap-1.5 rounded-[7px] px-[9px] py-1 text-[12.5px] leading-4 transition-colors duration-[120ms] coarse:min-h-11",
              on
                ? "border-accent bg-accent-soft text-accent-ink shadow-[inset_0_0_0_.5px_var(--accent)]"
                : cx("border-line-2 enabled:hover:bg-hover", large && "bg-surface"),
              large && on && "text-ink",
              disabled && "opacity-60",
            )}
          >
            {large && <Digit index={index} on={on} shown={digits} />}
            {multiple && on && !large && <Check className="icon" aria-hidden="true" />}
            <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{option}</span>
            {large && on && <Check className="icon text-accent-ink" aria-hidden="true" />}
            {!large && digits && index < 9 && <Kbd keys={String(index + 1)} />}
          </button>
        );
      })}
    </div>
  );
}

/** The key of a card, or a dot where there is none. */
function Digit({ index, on, shown }: { index: number; on: boolean; shown: boolean }) {
  return (
    <span
      aria-hidden="true"
      className={cx(
        "num grid size-[26px] flex-none place-items-center rounded-btn border text-small font-medium",
        on ? "border-transparent bg-accent text-accent-on" : "border-line-2 text-ink-3",
      )}
    >
      {shown && index < 9 ? index + 1 : "·"}
    </span>
  );
}
