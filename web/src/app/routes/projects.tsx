import { Onboarding } from "@/features/onboarding/onboarding.tsx";
import { ProjectsTable } from "@/features/projects/projects-table.tsx";

export function ProjectsPage() {
  return <ProjectsTable whenEmpty={(project) => <Onboarding project={project} />} />;
}
