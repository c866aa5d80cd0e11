import { ProjectsTable } from "@/features/projects/projects-table.tsx";

export function ProjectsPage() {
  return <ProjectsTable />;
}
