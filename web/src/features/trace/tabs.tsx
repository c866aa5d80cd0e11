import { type KeyboardEvent, type ReactNode, useRef } from "react";
import { cx } from "@/ui/cx.ts";

export interface Tab<T extends string> {
  id: T;
  label: ReactNode;
}

interface Props<T extends string> {
  label: string;
  tabs: readonly Tab<T>[];
  value: T;
  onChange: (tab: T) => void;
  /** Id of the panel that the tabs control. */
  panel: string;
}

/** Tabs over a reading column; one tab stop, arrows inside. */
export function Tabs<T extends string>({ label, tabs, value, onChange, panel }: Props<T>) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const index = (tabs.findIndex((tab) => tab.id === value) + step + tabs.length) % tabs.length;
    const next = tabs[index];
    if (!next) return;
    onChange(next.id);
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[index]?.focus();
  };
  return (
    <div
      ref={list}
      role="tablist"
      aria-label={label}
      onKeyDown={onKeyDown}
      className="mt-2 flex gap-[18px] overflow-x-auto"
    >
      {tabs.map((tab) => (
        <button
          key={tab.id}
          id={`${panel}-${tab.id}`}
          type="button"
          role="tab"
          aria-selected={tab.id === value}
          aria-controls={panel}
          tabIndex={tab.id === value ? 0 : -1}
          onClick={() => onChange(tab.id)}
          className={cx(
            "-mb-px inline-flex h-[34px] flex-none items-center gap-1.5 border-b-2 text-[12.5px] font-medium -outline-offset-2 coarse:h-11",
            tab.id === value ? "border-ink text-ink" : "border-transparent text-ink-3 hover:text-ink",
          )}
        >
          {tab.label}
        </button>
      ))}
    </div>
  );
}
