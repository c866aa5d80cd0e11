import { CircleCheck, Download, TriangleAlert } from "lucide-react";
import type { FileFormat, Imported } from "@/api/datasets.ts";
import { count, plural } from "@/lib/format.ts";
import { Button } from "@/ui/button.tsx";
import { save } from "./export-menu.tsx";
import { rejectedFile } from "./import-file.ts";

/** Rejected records that are listed; the file has them all. */
const LISTED = 100;

/** What was stored, and what was not and why. */
export function ImportReport({ report, file, format }: { report: Imported; file: File; format: FileFormat }) {
  const { stored, rejected, rejected_count } = report;
  const download = () => {
    const url = URL.createObjectURL(rejectedFile(file, format, report.head, rejected));
    save(url, `${file.name.replace(/\.[^.]*$/, "")}-rejected.${format}`);
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  };
  return (
    <div className="flex flex-col gap-3">
      <p role="status" className="flex items-center gap-2 font-medium">
        <CircleCheck className="icon text-pass" aria-hidden="true" />
        {plural(stored, "record")} imported
      </p>
      {rejected_count > 0 && (
        <>
          <div className="flex items-center gap-2">
            <p className="flex flex-1 items-center gap-2 font-medium text-warn">
              <TriangleAlert className="icon" aria-hidden="true" />
              {plural(rejected_count, "record")} rejected
            </p>
            <Button onClick={download} icon={<Download className="icon" aria-hidden="true" />}>
              Rejected records
            </Button>
          </div>
          <section
            aria-label="Rejected records"
            tabIndex={0}
            className="max-h-[40dvh] overflow-y-auto rounded-card border border-line"
          >
            <table className="w-full border-collapse text-small">
              <thead className="sticky top-0 bg-sunken text-left text-ink-3">
                <tr>
                  <th scope="col" className="w-16 px-3 py-1.5 font-medium">
                    Line
                  </th>
                  <th scope="col" className="px-3 py-1.5 font-medium">
                    Why
                  </th>
                </tr>
              </thead>
              <tbody>
                {rejected.slice(0, LISTED).map((record) => (
                  <tr key={record.from} className="border-t border-line align-top">
                    <td className="num px-3 py-1.5 text-ink-2">{record.line}</td>
                    <td className="px-3 py-1.5 [overflow-wrap:anywhere]">{record.why}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          <p className="text-small text-ink-3">
            {rejected.length > LISTED && `${count(rejected.length - LISTED)} more are in the file. `}
            Mend them there and import that file: what is stored already stays as it is.
          </p>
        </>
      )}
    </div>
  );
}
