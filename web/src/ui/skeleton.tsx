import { cx } from "./cx.ts";

/** A grey bar in the place of text to come. Appears after 150 ms, so that quick answers never flash it. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={cx(
        "block h-2.5 rounded-cap bg-line opacity-0 [animation:skeleton-in_120ms_150ms_ease-out_forwards]",
        className,
      )}
    />
  );
}

/** Rows of skeleton with a word for screen readers. */
export function SkeletonRows({
  rows,
  height = 32,
  label = "Loading",
}: {
  rows: number;
  height?: number;
  label?: string;
}) {
  return (
    <div role="status">
      <span className="sr-only">{label}</span>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex items-center gap-6 border-b border-line px-5" style={{ height }}>
          <Skeleton className="w-16 flex-none" />
          <Skeleton className={["w-2/5", "w-1/2", "w-1/3", "w-3/5"][index % 4] ?? "w-1/2"} />
          <Skeleton className="ml-auto w-24 flex-none" />
        </div>
      ))}
    </div>
  );
}
