import { Minus, Plus } from "lucide-react";
import { duration } from "@/lib/format.ts";
import { Button } from "@/ui/button.tsx";
import { type Axis, foldsIn, ticksIn, type Window } from "./timeline.ts";

interface Props {
  axis: Axis;
  window: Window;
  onZoom: (factor: number) => void;
}

/** The times over the bars of the timeline, and what is folded between them. */
export function TimeHead({ axis, window, onZoom }: Props) {
  return (
    <div className="grid h-7 flex-none grid-cols-[minmax(110px,36%)_1fr_56px] items-center gap-2 border-y border-line pr-3 pl-3 text-micro text-ink-3">
      <span className="flex items-center">
        <Button
          kind="ghost"
          square
          className="size-6!"
          aria-label="Show more of the time"
          aria-keyshortcuts="-"
          disabled={window.to - window.from >= 100}
          onClick={() => onZoom(2)}
          icon={<Minus className="icon" aria-hidden="true" />}
        />
        <Button
          kind="ghost"
          square
          className="size-6!"
          aria-label="Look closer"
          aria-keyshortcuts="+"
          onClick={() => onZoom(0.5)}
          icon={<Plus className="icon" aria-hidden="true" />}
        />
      </span>
      <span className="relative h-full overflow-hidden" aria-hidden="true">
        {ticksIn(axis, window).map((tick) => (
          <span
            key={tick.left}
            className="num absolute inset-y-0 flex items-center border-l border-line pl-1"
            style={{ left: `${tick.left}%` }}
          >
            {tick.label}
          </span>
        ))}
        {foldsIn(axis, window).map((fold) => (
          <span
            key={fold.left}
            title={`${duration(fold.seconds)} in which nothing worked`}
            className="absolute inset-y-0 bg-surface [background-image:repeating-linear-gradient(135deg,var(--line-2)_0_1px,transparent_1px_5px)]"
            style={{ left: `${fold.left}%`, width: `${fold.width}%` }}
          />
        ))}
      </span>
      <span className="sr-only">
        {foldsIn(axis, window)
          .map((fold) => `${duration(fold.seconds)} are folded`)
          .join(", ")}
      </span>
    </div>
  );
}
