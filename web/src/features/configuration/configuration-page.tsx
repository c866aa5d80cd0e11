import { Link } from "@tanstack/react-router";
import { useProject } from "@/api/use-project.ts";
import { useTitle } from "@/lib/use-title.ts";
import { EmptyState } from "@/ui/states.tsx";
import { TopBar } from "@/ui/top-bar.tsx";
import { FeedbackSection } from "./feedback-section.tsx";
import { KeysSection } from "./keys-section.tsx";
import { MembersSection } from "./members-section.tsx";
import { ScoresSection } from "./scores-section.tsx";
import { TagsSection } from "./tags-section.tsx";
import { ViewsSection } from "./views-section.tsx";
import { WebhooksSection } from "./webhooks-section.tsx";

const sections = [
  { id: "scores", label: "Scores" },
  { id: "tags", label: "Tags" },
  { id: "views", label: "Views" },
  { id: "members", label: "Members" },
  { id: "keys", label: "API keys" },
  { id: "feedback", label: "Feedback keys" },
  { id: "webhooks", label: "Webhooks" },
] as const;

interface Props {
  section: string;
  edit: string | undefined;
  params: { org: string; project: string };
  onEdit: (edit: string | undefined) => void;
}

/** Settings of the project and its organization: a list at the left, the section at the right. */
export function ConfigurationPage({ section, edit, params, onEdit }: Props) {
  const project = useProject();
  useTitle(sections.find(({ id }) => id === section)?.label, "Configuration", project.name);
  return (
    <>
      <TopBar>
        <h1 className="text-title font-semibold tracking-[-.01em]">Configuration</h1>
        <span className="truncate text-small text-ink-3">{project.name}</span>
      </TopBar>
      <div className="flex min-h-0 flex-1 flex-col bg-surface md:flex-row">
        <nav
          aria-label="Configuration"
          className="flex flex-none gap-px border-line p-2 max-md:overflow-x-auto max-md:border-b md:w-[180px] md:flex-col md:border-r md:p-3"
        >
          {sections.map(({ id, label }) => (
            <Link
              key={id}
              to="/app/$org/p/$project/configuration/$section"
              params={{ ...params, section: id }}
              search={{}}
              activeOptions={{ includeSearch: false }}
              className="flex h-7 flex-none items-center rounded-btn px-2 font-medium whitespace-nowrap text-ink-2 no-underline hover:bg-hover aria-[current=page]:bg-hover aria-[current=page]:text-ink coarse:h-11"
            >
              {label}
            </Link>
          ))}
        </nav>
        <main className="min-h-0 min-w-0 flex-1 overflow-y-auto">
          <div className={`px-4 py-6 md:px-10 ${edit ? "max-w-[1040px]" : "max-w-[720px]"}`}>
            {section === "scores" && <ScoresSection projectId={project.id} edit={edit} onEdit={onEdit} />}
            {section === "tags" && <TagsSection projectId={project.id} />}
            {section === "views" && <ViewsSection />}
            {section === "members" && <MembersSection />}
            {section === "keys" && <KeysSection />}
            {section === "feedback" && <FeedbackSection projectId={project.id} />}
            {section === "webhooks" && <WebhooksSection projectId={project.id} />}
            {!sections.some(({ id }) => id === section) && (
              <EmptyState title={`There is no section ${section}`} />
            )}
          </div>
        </main>
      </div>
    </>
  );
}
