import type { ImportOptions, ImportPreview } from "@/api/datasets.ts";
import type { Json } from "@/api/types.ts";
import { Segmented } from "@/ui/segmented.tsx";
import { placeOf, TARGETS, type Target, targetOf } from "./import-file.ts";

interface Props {
  file: string;
  options: ImportOptions;
  preview: ImportPreview;
  map: Record<string, string>;
  onMap: (map: Record<string, string>) => void;
  onCells: (cells: ImportOptions["cells"]) => void;
}

/** Characters of a cell that are shown. */
const SHOWN = 160;

function cellText(value: Json | undefined): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** What each column becomes, over the first records of the file. */
export function ImportMap({ file, options, preview, map, onMap, onCells }: Props) {
  const columns = preview.columns.filter((column) => column !== "");
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="min-w-0 flex-1 truncate text-ink-2">
          <span className="font-medium text-ink">{file}</span>: say what each column becomes.
        </p>
        {options.format === "csv" && (
          <Segmented
            label="How cells are read"
            value={options.cells}
            onChange={onCells}
            options={[
              { value: "json", label: "JSON where it is JSON" },
              { value: "text", label: "All as text" },
            ]}
          />
        )}
      </div>
      <section
        aria-label="First records"
        tabIndex={0}
        className="max-h-[46dvh] overflow-auto rounded-card border border-line"
      >
        <table className="border-collapse text-small">
          <thead className="sticky top-0 z-[1] bg-sunken">
            <tr>
              <th scope="col" className="px-2 py-1.5 text-left font-medium text-ink-3">
                Line
              </th>
              {columns.map((column) => (
                <th
                  key={column}
                  scope="col"
                  className="min-w-36 px-2 py-1.5 text-left align-bottom font-medium"
                >
                  <span className="mb-1 block max-w-56 truncate" title={column}>
                    {column}
                  </span>
                  <select
                    aria-label={`${column} becomes`}
                    value={targetOf(map[column])}
                    onChange={(event) =>
                      onMap({ ...map, [column]: placeOf(column, event.target.value as Target) })
                    }
                    className="h-7 w-full rounded-btn border border-control bg-surface px-1.5 text-[12.5px] font-normal coarse:h-11"
                  >
                    {TARGETS.map((target) => (
                      <option key={target.value} value={target.value}>
                        {target.label}
                      </option>
                    ))}
                  </select>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {preview.records.map((record) => (
              <tr key={record.line} className="border-t border-line align-top">
                <th scope="row" className="num px-2 py-1.5 text-left font-normal text-ink-3">
                  {record.line}
                </th>
                {record.cells ? (
                  columns.map((column) => (
                    <td
                      key={column}
                      className={`max-w-72 px-2 py-1.5 [overflow-wrap:anywhere] ${(map[column] ?? "") === "" ? "text-ink-3" : ""}`}
                    >
                      {cellText(record.cells?.[column] as Json)}
                    </td>
                  ))
                ) : (
                  <td colSpan={columns.length} className="px-2 py-1.5 text-fail">
                    Rejected: {record.why}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {preview.records.length === 0 && <p className="text-ink-2">There is no record in it.</p>}
    </div>
  );
}
