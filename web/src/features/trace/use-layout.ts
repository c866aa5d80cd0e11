import { type RefObject, useEffect, useState } from "react";

/** How the three columns share the page: all beside each other, two of them as drawers, or one at a time. */
export type Layout = "wide" | "narrow" | "drawers" | "steps";

function layoutOf(width: number): Layout {
  if (width >= 1180) return "wide";
  if (width >= 940) return "narrow";
  return width >= 680 ? "drawers" : "steps";
}

/** The layout that fits the element's width; it has a guess before it was measured, so that nothing jumps. */
export function useLayout(element: RefObject<HTMLElement | null>): Layout {
  const [layout, setLayout] = useState<Layout>(() =>
    layoutOf(window.innerWidth - (window.innerWidth >= 768 ? 52 : 0)),
  );
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setLayout(layoutOf(entry.contentRect.width));
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return layout;
}
