import { useState } from "react";
import { readSetting, writeSetting } from "@/lib/storage.ts";
import type { Reading } from "./tree-panel.tsx";

const isReading = (value: unknown): value is Reading =>
  value === "tree" || value === "timeline" || value === "thread";

/** How the person reads the spans of traces, kept on this device. */
export function useReading(): [Reading, (reading: Reading) => void] {
  const [reading, setReading] = useState(() => readSetting<Reading>("trace-reading", "tree", isReading));
  return [
    reading,
    (next) => {
      writeSetting("trace-reading", next);
      setReading(next);
    },
  ];
}
