import { useEffect } from "react";

/** Names the page in the tab and to screen readers, most particular first: `Logs, support-desk`. */
export function useTitle(...parts: (string | null | undefined)[]): void {
  const title = [...parts.filter(Boolean), "Concord"].join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}
