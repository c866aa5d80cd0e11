import type { ReactNode } from "react";
import { cx } from "./cx.ts";

export type Tone = "neutral" | "line" | "pass" | "warn" | "fail" | "accent";

const tones: Record<Tone, string> = {
  neutral: "bg-sunken text-ink-2",
  line: "border border-line-2 text-ink-2",
  pass: "bg-pass-soft text-pass",
  warn: "bg-warn-soft text-warn",
  fail: "bg-fail-soft text-fail",
  accent: "bg-accent-soft text-accent-ink",
};

/** A short label. Its colour repeats what its word says. */
export function Chip({
  tone = "neutral",
  title,
  children,
}: {
  tone?: Tone;
  title?: string;
  children: ReactNode;
}) {
  return (
    <span
      title={title}
      className={cx(
        "inline-flex h-5 max-w-full items-center gap-1 overflow-hidden text-ellipsis whitespace-nowrap rounded-chip px-1.5 text-[11.5px] leading-4 font-medium",
        tones[tone],
      )}
    >
      {children}
    </span>
  );
}
