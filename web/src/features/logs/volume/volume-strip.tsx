import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type PointerEvent, useEffect, useId, useRef, useState } from "react";
import { volumeQuery } from "@/api/find.ts";
import type { ObjectRef } from "@/api/types.ts";
import { announce } from "@/lib/announce.ts";
import { bars, moments, ordered, type Range, rangeText, volumeText } from "./buckets.ts";

const BUCKETS = 60;
/** Volume moves slowly beside what people do: asked for again this often while something arrives. */
const RENEW_MS = 10_000;

interface Props {
  object: ObjectRef;
  filter: string;
  /** What is counted, in the singular. */
  noun: string;
  now: Date;
  /** A range was chosen. */
  onRange: (from: Date, to: Date) => void;
}

/** How much came when, errors in red. Drag over it, or Shift and arrows, to look at one stretch of time. */
export function VolumeStrip({ object, filter, noun, now, onRange }: Props) {
  const id = useId();
  const { data: volume, isError } = useQuery({
    ...volumeQuery(object, filter, BUCKETS),
    refetchInterval: RENEW_MS,
  });
  const [range, setRange] = useState<Range | null>(null);
  const drawing = useRef(false);
  useEffect(() => setRange(null), [filter]);
  if (isError || (volume && volume.buckets.length === 0)) return null;
  if (!volume) return <div className="h-[64px] flex-none border-b border-line" />;

  const last = volume.buckets.length - 1;
  const bucketAt = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left) / Math.max(1, box.width);
    return Math.max(0, Math.min(last, Math.floor(share * volume.buckets.length)));
  };
  const apply = (chosen: Range) => {
    onRange(...moments(volume, chosen));
    setRange(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -last, End: last }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const from = range ?? { from: step > 0 ? -1 : last + 1, to: step > 0 ? -1 : last + 1 };
      const to = Math.max(0, Math.min(last, from.to + step));
      const next = { from: event.shiftKey && range ? range.from : to, to };
      setRange(next);
      announce(rangeText(volume, next, noun, now));
    } else if (event.key === "Enter" && range) {
      event.preventDefault();
      apply(range);
    } else if (event.key === "Escape" && range) {
      event.preventDefault();
      setRange(null);
    }
  };
  const drawn = range && ordered(range);
  return (
    <section
      aria-label="Volume"
      className="relative flex-none border-b border-line bg-surface px-3 pt-1 md:px-5"
    >
      <div
        role="slider"
        aria-label={`Volume over time. ${volumeText(volume, noun, now)}`}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={range?.to ?? 0}
        aria-valuetext={range ? rangeText(volume, range, noun, now) : "No range chosen"}
        aria-describedby={`${id}-how`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => setRange(null)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drawing.current = true;
          const at = bucketAt(event);
          setRange({ from: at, to: at });
        }}
        onPointerMove={(event) => {
          const at = bucketAt(event);
          if (drawing.current) setRange((held) => ({ from: held?.from ?? at, to: at }));
          else if (event.pointerType === "mouse") setRange({ from: at, to: at });
        }}
        onPointerUp={() => {
          drawing.current = false;
          if (range) apply(range);
        }}
        onPointerCancel={() => {
          drawing.current = false;
          setRange(null);
        }}
        onPointerLeave={() => !drawing.current && setRange(null)}
        className="h-[56px] cursor-crosshair touch-none outline-offset-2"
      >
        <svg
          aria-hidden="true"
          width="100%"
          height="56"
          viewBox={`0 0 ${volume.buckets.length} 56`}
          preserveAspectRatio="none"
        >
          {drawn && (
            <rect
              x={drawn.from}
              y="0"
              width={drawn.to - drawn.from + 1}
              height="56"
              fill="var(--accent-soft)"
            />
          )}
          {bars(volume).map((bar, index) => {
            const height = Math.round(bar.height * 52);
            const failed = bar.errors === 0 ? 0 : Math.max(2, Math.round(height * bar.errors));
            return (
              <g key={index}>
                <rect x={index + 0.12} y={55 - height} width="0.76" height={height} fill="var(--control)" />
                {failed > 0 && (
                  <rect x={index + 0.12} y={55 - failed} width="0.76" height={failed} fill="var(--fail)" />
                )}
              </g>
            );
          })}
          <rect x="0" y="55" width={volume.buckets.length} height="1" fill="var(--line-2)" />
        </svg>
      </div>
      <p id={`${id}-how`} className="sr-only">
        Arrows look at one bar, Shift and arrows at several, Enter narrows the list to them.
      </p>
      {range && (
        <p className="num pointer-events-none absolute top-1 right-5 rounded-chip border border-line bg-surface px-1.5 text-micro text-ink-2">
          {rangeText(volume, range, noun, now)}
        </p>
      )}
    </section>
  );
}
