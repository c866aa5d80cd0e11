import type { ReactNode } from "react";
import type { FileFormat } from "@/api/datasets.ts";
import type { BulkTarget } from "@/api/find.ts";

/** What can be done with rows of a list beside reviewing them; other features do it. */
export interface ListActions {
  /** Asks for a dataset and adds the rows; `meant` says how many they are. */
  add: (target: BulkTarget, meant: string, done?: () => void) => void;
  export: (target: BulkTarget, format: FileFormat) => void;
  /** The control for it, which opens to that side. */
  exportControl: (target: BulkTarget, side: "top" | "bottom") => ReactNode;
}
