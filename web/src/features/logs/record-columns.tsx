/** The columns that only records of datasets have. */
import { AppLink } from "@/ui/app-link.tsx";
import type { Column } from "./columns.tsx";

/** What a record holds, and where it came from. */
export const ofRecords: Column[] = [
  {
    id: "expected",
    label: "Expected",
    width: 220,
    priority: 8,
    shown: true,
    cell: (row) => (
      <span className={row.record?.expected_preview ? "truncate" : "truncate text-ink-3"}>
        {row.record?.expected_preview ?? "nothing yet"}
      </span>
    ),
  },
  {
    id: "metadata",
    label: "Metadata",
    width: 160,
    priority: 3,
    shown: true,
    cell: (row) => (
      <span className="mono truncate text-[11.5px] text-ink-2">{row.record?.metadata_preview}</span>
    ),
  },
  {
    id: "source",
    label: "Source",
    width: 72,
    priority: 5,
    shown: true,
    cell: (row, { source }) => {
      const href = row.record?.origin && source?.(row.record.origin);
      return href ? (
        <AppLink href={href} className="truncate" onClick={(event) => event.stopPropagation()}>
          {row.record?.origin?.object_type === "project_logs" ? "Trace" : "Row"}
        </AppLink>
      ) : null;
    },
  },
];
