import { useParams } from "@tanstack/react-router";
import { isBoolean, readSetting, writeSetting } from "@/lib/storage.ts";
import { createStore, useStore } from "@/lib/store.ts";

const lists = createStore(
  typeof localStorage === "undefined" ? true : readSetting("sidebar", true, isBoolean),
);
const traces = createStore(
  typeof localStorage === "undefined" ? false : readSetting("sidebar-trace", false, isBoolean),
);

/** Whether the side bar is wide. Trace pages need the width themselves and remember their own answer. */
export function useSidebar(): [wide: boolean, toggle: () => void] {
  const { trace } = useParams({ strict: false });
  const list = useStore(lists);
  const page = useStore(traces);
  const wide = trace === undefined ? list : page;
  const toggle = () => {
    const store = trace === undefined ? lists : traces;
    store.set(!wide);
    writeSetting(trace === undefined ? "sidebar" : "sidebar-trace", !wide);
  };
  return [wide, toggle];
}
