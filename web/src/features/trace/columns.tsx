/** The three columns of a trace on every width: beside each other, as drawers, or one after another. */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { readSetting, writeSetting } from "@/lib/storage.ts";
import { cx } from "@/ui/cx.ts";
import { Segmented } from "@/ui/segmented.tsx";
import type { Layout } from "./use-layout.ts";

export type Pane = "tree" | "content" | "review";

interface Props {
  layout: Layout;
  /** `null` for what has no spans. */
  tree: ReactNode | null;
  content: ReactNode;
  review: ReactNode;
  /** Stands below the content where the review is a drawer. */
  foot: ReactNode;
  /** The pane in front where not all fit. */
  pane: Pane;
  onPane: (pane: Pane) => void;
  /** Column of the review is shown on wide screens. */
  reviewOpen: boolean;
  /** The spans are read in a way that needs more room than a tree. */
  roomy: boolean;
}

const panes: { value: Pane; label: string }[] = [
  { value: "tree", label: "Spans" },
  { value: "content", label: "Content" },
  { value: "review", label: "Review" },
];

export function Columns({ layout, tree, content, review, foot, pane, onPane, reviewOpen, roomy }: Props) {
  const treeWidth = useWidth("tree-width", 332, 240, 520);
  const roomyWidth = useWidth("reading-width", 520, 360, 900);
  const reviewWidth = useWidth("review-width", 368, 300, 560);
  if (layout === "steps") {
    return (
      <main className="flex min-h-0 flex-1 flex-col">
        <div className="flex flex-none justify-center border-b border-line bg-surface px-3 py-1.5">
          <Segmented
            label="Part of the trace"
            value={pane}
            onChange={onPane}
            options={tree === null ? panes.slice(1) : panes}
          />
        </div>
        {/* All parts stay alive: going back and forth loses no scroll place and no half-written word. */}
        {tree !== null && (
          <Side label="Spans" hidden={pane !== "tree"} className="flex-1">
            {tree}
          </Side>
        )}
        <Content inside hidden={pane !== "content"}>
          {content}
        </Content>
        <Side label="Human review" hidden={pane !== "review"} className="flex-1">
          {review}
        </Side>
      </main>
    );
  }
  if (layout === "drawers") {
    const close = () => onPane("content");
    return (
      <div className="relative flex min-h-0 flex-1">
        <Content>
          {content}
          {foot}
        </Content>
        {pane !== "content" && <Backdrop onClose={close} />}
        {tree !== null && (
          <Side
            label="Spans"
            hidden={pane !== "tree"}
            className="absolute inset-y-0 left-0 z-20 w-[332px] border-r border-line shadow-2"
          >
            {tree}
          </Side>
        )}
        <Review
          hidden={pane !== "review"}
          className="absolute inset-y-0 right-0 z-20 w-[368px] border-l border-line shadow-2"
        >
          {review}
        </Review>
      </div>
    );
  }
  const [left, right] =
    layout === "wide"
      ? [roomy ? roomyWidth : treeWidth, reviewWidth]
      : [
          { ...treeWidth, value: roomy ? 360 : 280 },
          { ...reviewWidth, value: 320 },
        ];
  return (
    <div className="flex min-h-0 flex-1">
      {tree !== null && (
        <Side label="Spans" className="relative flex-none border-r border-line" width={left.value}>
          {tree}
          {layout === "wide" && <Handle label="Width of the span tree" width={left} direction={1} />}
        </Side>
      )}
      <Content>{content}</Content>
      {reviewOpen && (
        <Review className="relative flex-none border-l border-line" width={right.value}>
          {review}
          {layout === "wide" && <Handle label="Width of the review" width={right} direction={-1} />}
        </Review>
      )}
    </div>
  );
}

interface PartProps {
  hidden?: boolean;
  className?: string;
  width?: number;
  children: ReactNode;
}

function Side({ label, hidden = false, className, width, children }: PartProps & { label: string }) {
  return (
    <section
      aria-label={label}
      hidden={hidden}
      className={cx("min-h-0 flex-col bg-surface", hidden ? "hidden" : "flex", className)}
      style={width ? { width } : undefined}
    >
      {children}
    </section>
  );
}

function Review({ hidden = false, className, width, children }: PartProps) {
  return (
    <aside
      aria-label="Human review"
      hidden={hidden}
      className={cx("min-h-0 flex-col bg-surface", hidden ? "hidden" : "flex", className)}
      style={width ? { width } : undefined}
    >
      {children}
    </aside>
  );
}

function Content({ inside = false, hidden = false, children }: PartProps & { inside?: boolean }) {
  const Part = inside ? "div" : "main";
  return (
    <Part
      hidden={hidden}
      className={cx("@container min-h-0 min-w-0 flex-1 flex-col bg-bg", hidden ? "hidden" : "flex")}
    >
      {children}
    </Part>
  );
}

function Backdrop({ onClose }: { onClose: () => void }) {
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) onClose();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [onClose]);
  return (
    <button
      type="button"
      aria-label="Close"
      tabIndex={-1}
      onClick={onClose}
      className="absolute inset-0 z-10 bg-[rgb(15_16_18/.28)]"
    />
  );
}

interface Width {
  value: number;
  least: number;
  most: number;
  set: (value: number | null) => void;
}

/** A column's width, kept on this device; null resets it. */
function useWidth(key: string, standard: number, least: number, most: number): Width {
  const [value, setValue] = useState(() =>
    readSetting(
      key,
      standard,
      (kept): kept is number => typeof kept === "number" && kept >= least && kept <= most,
    ),
  );
  const set = (next: number | null) => {
    const fitting = next === null ? standard : Math.round(Math.min(most, Math.max(least, next)));
    setValue(fitting);
    writeSetting(key, fitting);
  };
  return { value, least, most, set };
}

/** A line to drag; arrows move it too, a double press resets it. */
function Handle({ label, width, direction }: { label: string; width: Width; direction: 1 | -1 }) {
  const start = useRef<{ x: number; value: number } | null>(null);
  const onPointerMove = (event: PointerEvent) => {
    if (start.current) width.set(start.current.value + (event.clientX - start.current.x) * direction);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 16 : event.key === "ArrowLeft" ? -16 : 0;
    if (step === 0) return;
    event.preventDefault();
    width.set(width.value + step * direction);
  };
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width.value}
      aria-valuemin={width.least}
      aria-valuemax={width.most}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, value: width.value };
      }}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        start.current = null;
      }}
      onDoubleClick={() => width.set(null)}
      onKeyDown={onKeyDown}
      className={cx(
        direction === 1 ? "-right-1" : "-left-1",
        "absolute inset-y-0 z-10 w-2 cursor-col-resize touch-none after:absolute after:inset-y-0 after:left-[3.5px] after:w-px hover:after:bg-accent-line focus-visible:after:bg-accent",
      )}
    />
  );
}
