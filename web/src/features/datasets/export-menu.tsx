import { FileJson, FileSpreadsheet } from "lucide-react";
import type { ReactElement } from "react";
import { exportAddress, exportSome, type FileFormat } from "@/api/datasets.ts";
import type { BulkTarget } from "@/api/find.ts";
import type { Place } from "@/api/place.ts";
import { problemText } from "@/api/problem.ts";
import { Menu, MenuItem, MenuLabel } from "@/ui/menu.tsx";
import { toast } from "@/ui/toasts.tsx";

/** Gives a file to the browser, which keeps it where its person wants files. */
export function save(href: string, name: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}

/** Rows of a place as a file. What a filter matches is streamed to disk, so that it may be any number. */
export async function exportRows(place: Place, target: BulkTarget, format: FileFormat): Promise<void> {
  const name = `${place.title.replace(/[^\p{L}\p{N}._-]+/gu, "-")}.${format}`;
  try {
    if ("filter" in target) return save(exportAddress(place.object, target.filter, format), name);
    const url = URL.createObjectURL(await exportSome(place.object, target, format));
    save(url, name);
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  } catch (error) {
    toast({ title: "Nothing was exported", body: problemText(error), tone: "fail" });
  }
}

/** The formats of an export, under the control that opens them. */
export function ExportMenu({
  trigger,
  side = "bottom",
  onExport,
}: {
  trigger: ReactElement<Record<string, unknown>>;
  side?: "top" | "bottom";
  onExport: (format: FileFormat) => void;
}) {
  return (
    <Menu side={side} align="end" label="Export" trigger={trigger}>
      <MenuLabel>With scores, comments and who gave them</MenuLabel>
      <MenuItem
        icon={<FileSpreadsheet className="icon" aria-hidden="true" />}
        onPress={() => onExport("csv")}
      >
        Table (CSV)
      </MenuItem>
      <MenuItem icon={<FileJson className="icon" aria-hidden="true" />} onPress={() => onExport("jsonl")}>
        Lines of JSON (JSONL)
      </MenuItem>
    </Menu>
  );
}
