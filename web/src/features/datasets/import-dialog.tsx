import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import {
  type Imported,
  type ImportOptions,
  type ImportPreview,
  importFile,
  previewFile,
} from "@/api/datasets.ts";
import type { Place } from "@/api/place.ts";
import { problemText } from "@/api/problem.ts";
import { useProject } from "@/api/use-project.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { formatOf, problemOf } from "./import-file.ts";
import { ImportMap } from "./import-map.tsx";
import { ImportReport } from "./import-report.tsx";

interface Props {
  place: Place;
  onClose: () => void;
}

/** Largest file that the server takes. */
const FILE_BYTES = 32 << 20;

interface Chosen {
  file: File;
  options: ImportOptions;
  preview: ImportPreview;
  map: Record<string, string>;
  /** Makes a repeat of the same import harmless. */
  name: string;
}

/** Imports a file: choose it, say what its columns are, read what was rejected. */
export function ImportDialog({ place, onClose }: Props) {
  const project = useProject();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [report, setReport] = useState<Imported | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const dataset = place.object.object_id;

  const look = async (file: File, cells: ImportOptions["cells"]) => {
    const format = formatOf(file.name);
    if (!format) return setError(`${file.name} is neither .csv, .tsv nor .jsonl. Save it as one of these.`);
    if (file.size > FILE_BYTES)
      return setError(
        `${file.name} has ${Math.ceil(file.size / (1 << 20))} MB; 32 are read. Import it in parts.`,
      );
    setBusy(true);
    setError(null);
    try {
      const options = { format, cells } as const;
      const preview = await previewFile(dataset, file, options);
      const map = chosen?.file === file ? chosen.map : preview.map;
      setChosen({ file, options, preview, map, name: crypto.randomUUID() });
    } catch (failure) {
      setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };

  const run = async () => {
    if (!chosen) return;
    setBusy(true);
    setError(null);
    try {
      setReport(await importFile(dataset, chosen.file, chosen.options, chosen.map, chosen.name));
      void queries.invalidateQueries({ queryKey: ["objects", "datasets", project.id] });
    } catch (failure) {
      setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };

  const wrong = chosen && problemOf(chosen.map);
  const alert = (error ?? wrong) && (
    <p role="alert" className="mt-3 text-small font-medium text-fail">
      {error ?? wrong}
    </p>
  );
  if (report && chosen) {
    return (
      <Dialog
        open
        onClose={onClose}
        title={`Import into ${place.title}`}
        width={560}
        actions={
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <ImportReport report={report} file={chosen.file} format={chosen.options.format} />
      </Dialog>
    );
  }
  if (!chosen) {
    return (
      <Dialog open onClose={onClose} title={`Import into ${place.title}`} width={480}>
        <ChooseFile busy={busy} onFile={(file) => void look(file, "json")} />
        {alert}
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Import into ${place.title}`}
      width={880}
      actions={
        <>
          <Button onClick={() => setChosen(null)}>Another file</Button>
          <Button kind="primary" onClick={() => void run()} busy={busy} disabled={wrong !== null}>
            Import
          </Button>
        </>
      }
    >
      <ImportMap
        file={chosen.file.name}
        options={chosen.options}
        preview={chosen.preview}
        map={chosen.map}
        onMap={(map) => setChosen({ ...chosen, map })}
        onCells={(cells) => void look(chosen.file, cells)}
      />
      {alert}
    </Dialog>
  );
}

/** Where a file is dropped, or found by its name. */
function ChooseFile({ busy, onFile }: { busy: boolean; onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  return (
    <section
      aria-label="File"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer.files[0];
        if (file) onFile(file);
      }}
      className={`flex flex-col items-center gap-2 rounded-card border border-dashed px-6 py-8 text-center ${over ? "border-accent bg-accent-soft" : "border-control"}`}
    >
      <input
        ref={input}
        type="file"
        aria-label="CSV or JSONL file"
        accept=".csv,.tsv,.jsonl,.ndjson,text/csv,application/jsonl"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) onFile(file);
          event.target.value = "";
        }}
      />
      <Button kind="primary" busy={busy} onClick={() => input.current?.click()} autoFocus>
        Choose a file
      </Button>
      <p className="text-ink-2">
        or drop it here: a table (CSV) whose first line names its columns, or lines of JSON (JSONL).
      </p>
      <p className="text-small text-ink-3">
        At most 32 MB. Nothing is stored before you have seen what its columns become.
      </p>
    </section>
  );
}
