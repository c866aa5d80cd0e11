/** What can be done with rows wherever they are listed or open, beside reviewing them: into a dataset, into a file. */
import { Download } from "lucide-react";
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import type { BulkTarget } from "@/api/find.ts";
import type { Place } from "@/api/place.ts";
import { ExportMenu, exportRows } from "@/features/datasets/export-menu.tsx";
import type { ListActions } from "@/features/logs/list-actions.ts";
import { Button } from "@/ui/button.tsx";

const AddDialog = lazy(() =>
  import("@/features/datasets/add-dialog.tsx").then((module) => ({ default: module.AddDialog })),
);

interface Adding {
  target: BulkTarget;
  meant: string;
  done: (() => void) | undefined;
}

/** The actions, and the dialog that one of them opens: to be rendered once. */
export function useRowActions(place: Place): { actions: ListActions; dialog: ReactNode } {
  const [adding, setAdding] = useState<Adding | null>(null);
  const actions = useMemo<ListActions>(
    () => ({
      add: (target, meant, done) => setAdding({ target, meant, done }),
      export: (target, format) => void exportRows(place, target, format),
      exportControl: (target, side) => (
        <ExportMenu
          side={side}
          onExport={(format) => void exportRows(place, target, format)}
          trigger={
            <Button
              kind={side === "top" ? "plain" : "ghost"}
              icon={<Download className="icon" aria-hidden="true" />}
            >
              <span className={side === "top" ? undefined : "max-lg:sr-only"}>Export</span>
            </Button>
          }
        />
      ),
    }),
    [place],
  );
  const dialog = adding && (
    <Suspense fallback={null}>
      <AddDialog
        place={place}
        target={adding.target}
        meant={adding.meant}
        onClose={() => setAdding(null)}
        {...(adding.done ? { onAdded: adding.done } : {})}
      />
    </Suspense>
  );
  return { actions, dialog };
}
