/** The way into the dialog that imports a file into a dataset; loaded when somebody goes it. */
import { Upload } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { Place } from "@/api/place.ts";
import { useSession } from "@/api/use-session.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { may } from "@/lib/role.ts";
import { Button } from "@/ui/button.tsx";

const ImportDialog = lazy(() =>
  import("@/features/datasets/import-dialog.tsx").then((module) => ({ default: module.ImportDialog })),
);

export function ImportControl({ place, named = false }: { place: Place; named?: boolean }) {
  const { role } = useSession();
  const [open, setOpen] = useState(false);
  const allowed = may(role, "review");
  useCommand("dataset.import", () => setOpen(true), allowed && !named);
  if (!allowed) return null;
  return (
    <>
      <Button
        kind={named ? "primary" : "ghost"}
        {...(named ? {} : { className: "max-sm:hidden" })}
        onClick={() => setOpen(true)}
        aria-keyshortcuts="i"
        title="Import a CSV or JSONL file (i)"
        icon={<Upload className="icon" aria-hidden="true" />}
      >
        <span className={named ? undefined : "max-lg:sr-only"}>{named ? "Import a file" : "Import"}</span>
      </Button>
      {open && (
        <Suspense fallback={null}>
          <ImportDialog place={place} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
