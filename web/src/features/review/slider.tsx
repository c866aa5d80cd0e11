import { useEffect, useRef, useState } from "react";
import { percent } from "@/lib/format.ts";
import { cx } from "@/ui/cx.ts";
import { readPercent } from "./questions.ts";
import "./slider.css";

/** While the thumb is dragged the value is written at most ten times a second. */
const WRITE_MS = 100;

interface Props {
  label: string;
  value: number | null;
  disabled: boolean;
  describedBy?: string;
  onChange: (value: number, resting: boolean) => void;
}

/** A number from 0 to 1, shown in percent: a range with all its keys, and a field to type into. */
export function Slider({ label, value, disabled, describedBy, onChange }: Props) {
  const [dragged, setDragged] = useState<number | null>(null);
  const dragging = useRef(false);
  const timer = useRef(0);
  const waiting = useRef<number | null>(null);
  const latest = useRef(onChange);
  latest.current = onChange;

  const flush = (resting: boolean) => {
    window.clearTimeout(timer.current);
    timer.current = 0;
    if (waiting.current !== null) latest.current(waiting.current, resting);
    waiting.current = null;
  };
  useEffect(() => () => flush(true), []);

  const onInput = (next: number) => {
    setDragged(next);
    waiting.current = next;
    if (!dragging.current) {
      flush(true);
      setDragged(null);
    } else if (!timer.current) timer.current = window.setTimeout(() => flush(false), WRITE_MS);
  };
  const rest = () => {
    if (!dragging.current) return;
    dragging.current = false;
    // Written already or not: where the hand let go is said once more, as the answer.
    waiting.current ??= dragged;
    flush(true);
    setDragged(null);
  };

  const shown = dragged ?? value;
  const empty = shown === null;
  return (
    <div className={cx("flex items-center gap-3", disabled && "opacity-60")}>
      <input
        type="range"
        aria-label={label}
        aria-describedby={describedBy}
        aria-valuetext={empty ? "not scored" : percent(shown)}
        min={0}
        max={1}
        step={0.01}
        value={shown ?? 0.5}
        disabled={disabled}
        onPointerDown={() => {
          dragging.current = true;
        }}
        onPointerUp={rest}
        onPointerCancel={rest}
        onBlur={rest}
        onChange={(event) => onInput(event.currentTarget.valueAsNumber)}
        onKeyUp={(event) => {
          // Pressing where the thumb stands, while nothing is given yet, gives that value.
          if (empty && (event.key === " " || event.key === "Enter")) onInput(0.5);
        }}
        className={cx("slider h-6 min-w-0 flex-1 coarse:h-11", empty && "slider-empty")}
        style={{ "--at": `${(shown ?? 0) * 100}%` } as React.CSSProperties}
      />
      <PercentField
        label={label}
        value={shown}
        disabled={disabled}
        onChange={(next) => latest.current(next, true)}
      />
    </div>
  );
}

function PercentField({
  label,
  value,
  disabled,
  onChange,
}: {
  label: string;
  value: number | null;
  disabled: boolean;
  onChange: (value: number) => void;
}) {
  const [draft, setDraft] = useState<string | null>(null);
  const wrong = draft !== null && draft.trim() !== "" && readPercent(draft) === null;
  const commit = () => {
    const next = draft === null ? null : readPercent(draft);
    if (next !== null && next !== value) onChange(next);
    setDraft(null);
  };
  return (
    <input
      type="text"
      inputMode="decimal"
      aria-label={`${label}, in percent`}
      aria-invalid={wrong || undefined}
      title={wrong ? "A number from 0 to 100" : undefined}
      placeholder="–"
      value={draft ?? percent(value)}
      disabled={disabled}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit();
        if (event.key === "Escape") {
          setDraft(null);
          event.currentTarget.blur();
        }
      }}
      className="num h-7 w-[58px] flex-none rounded-btn border border-control bg-surface px-2 text-right text-[12.5px] font-medium aria-invalid:border-fail disabled:border-line-2 coarse:h-10"
    />
  );
}
