import { useCallback, useSyncExternalStore } from "react";

/** Whether the window is as the query says, kept up to date. */
function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}

/** True where a wide side bar leaves enough room for the page. */
export const useWide = (): boolean => useMedia("(min-width: 1280px)");

/** True where the side bar stands at all; below it is one line on top. */
export const useSideBar = (): boolean => useMedia("(min-width: 768px)");
