import { useCallback, useState } from "react";
import { readSetting, writeSetting } from "@/lib/storage.ts";
import type { Column } from "./columns.tsx";

type Choice = Record<string, boolean>;

const isChoice = (value: unknown): value is Choice =>
  typeof value === "object" &&
  value !== null &&
  Object.values(value).every((one) => typeof one === "boolean");

/** Which columns a person turned on or off on this device; others follow the default. */
export function useColumnChoice(): {
  isShown: (column: Column) => boolean;
  /** True for columns that the person turned on. */
  isPinned: (column: Column) => boolean;
  set: (id: string, shown: boolean) => void;
  reset: () => void;
} {
  const [choice, setChoice] = useState(() => readSetting<Choice>("logs-columns", {}, isChoice));
  const isShown = useCallback((column: Column) => choice[column.id] ?? column.shown, [choice]);
  const isPinned = useCallback((column: Column) => choice[column.id] === true, [choice]);
  const keep = (next: Choice) => {
    setChoice(next);
    writeSetting("logs-columns", next);
  };
  return {
    isShown,
    isPinned,
    set: (id, shown) => keep({ ...choice, [id]: shown }),
    reset: () => keep({}),
  };
}
