import { logsPlace } from "@/api/place.ts";
import { useProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { AppLink } from "@/ui/app-link.tsx";
import { Button, buttonClass } from "@/ui/button.tsx";
import { EmptyState } from "@/ui/states.tsx";

interface Props {
  view: { id: string; name: string };
  noun: string;
  filter: string;
  onClear: () => void;
}

const TITLES: Record<string, string> = {
  default: "Nothing is left to review",
  awaiting: "Nothing awaits review",
  mine: "Nothing is assigned to you",
  completed: "Nothing is complete yet",
};

/** An empty queue: whether all is done or nothing fits, and the one next thing to do. */
export function NothingToDo({ view, noun, filter, onClear }: Props) {
  const org = useSession().organization.name;
  const project = useProject();
  const known = TITLES[view.id];
  if (!known) {
    return (
      <EmptyState
        title={`No ${noun} fits ${filter === "" ? "this view" : "these conditions"}`}
        action={<Button onClick={onClear}>Show what is to be reviewed</Button>}
      />
    );
  }
  return (
    <EmptyState
      title={known}
      action={
        <AppLink href={logsPlace(org, project).list} className={buttonClass()}>
          Choose in Logs
        </AppLink>
      }
    >
      Flag a {noun} on its page with X, or select many in a list and press Flag. They appear here at once.
    </EmptyState>
  );
}
