import { ObjectsTable } from "@/features/objects/objects-table.tsx";

/** Experiments of a project. */
export function ExperimentsPage() {
  return <ObjectsTable section="experiments" />;
}

/** Datasets of a project. */
export function DatasetsPage() {
  return <ObjectsTable section="datasets" />;
}
