import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { del } from "@/api/client.ts";
import { type FeedbackKey, feedbackKeysQuery } from "@/api/configuration.ts";
import { problemText } from "@/api/problem.ts";
import { usePeople } from "@/api/use-people.ts";
import { useSession } from "@/api/use-session.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { fullTime, when } from "@/lib/format.ts";
import { may, whyNot } from "@/lib/role.ts";
import { useNow } from "@/lib/use-now.ts";
import { Button } from "@/ui/button.tsx";
import { Chip } from "@/ui/chip.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState, NoPermission } from "@/ui/states.tsx";
import { toast } from "@/ui/toasts.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { FeedbackDialog } from "./feedback-dialog.tsx";
import { SectionHead } from "./section-head.tsx";

/** Keys by which end users give feedback from public pages. */
export function FeedbackSection({ projectId }: { projectId: string }) {
  const session = useSession();
  const allowed = may(session.role, "configure");
  const query = useQuery({ ...feedbackKeysQuery, enabled: allowed });
  const queries = useQueryClient();
  const person = usePeople();
  const now = useNow(60_000);
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<FeedbackKey | null>(null);
  useCommand("configuration.create", () => setMaking(true), allowed);

  if (!allowed) return <NoPermission title="Feedback keys">{whyNot("configure")}</NoPermission>;
  if (query.isPending) return <SkeletonRows rows={3} height={48} label="Loading feedback keys" />;
  if (query.isError) {
    return (
      <ErrorState
        what="The feedback keys could not be loaded"
        error={query.error}
        retry={() => void query.refetch()}
      />
    );
  }
  const keys = query.data.filter((key) => key.project_id === projectId);
  const remove = async (key: FeedbackKey) => {
    setEnding(null);
    try {
      await del(`/api/feedback-key/${key.id}`);
      await queries.invalidateQueries({ queryKey: feedbackKeysQuery.queryKey });
    } catch (error) {
      toast({ title: "The key could not be deleted", body: problemText(error), tone: "fail" });
    }
  };

  return (
    <>
      <SectionHead
        title="Feedback keys"
        reason={null}
        action={
          <Button
            kind="primary"
            onClick={() => setMaking(true)}
            command="configuration.create"
            icon={<Plus className="icon" aria-hidden="true" />}
          >
            New key
          </Button>
        }
      >
        Safe in a public page: such a key gives the listed scores and comments on rows of this project, from
        the listed pages, and reads nothing. 20 a second in the long run, 600 at once; beyond that it is told
        to wait.
      </SectionHead>
      {keys.length === 0 ? (
        <EmptyState title="No feedback keys yet">
          Make one to have the people who use your product say what they think of an answer.
        </EmptyState>
      ) : (
        <ul className="border-t border-line">
          {keys.map((key) => (
            <li key={key.id} className="flex min-h-12 items-center gap-3 border-b border-line py-2">
              <div className="min-w-0 flex-1">
                <p className="flex flex-wrap items-center gap-1.5">
                  <code className="mono text-[12px] font-medium">{key.prefix}…</code>
                  {key.scores.map((name) => (
                    <Chip key={name}>{name}</Chip>
                  ))}
                </p>
                <p className="truncate text-small text-ink-3">
                  {key.origins.length === 0 ? "from any page" : `from ${key.origins.join(", ")}`}
                </p>
              </div>
              <p className="text-right text-small text-ink-3 max-sm:hidden">
                {person(key.member_id).name}
                <br />
                <time dateTime={key.created} title={fullTime(new Date(key.created))}>
                  made {when(new Date(key.created), now)}
                </time>
              </p>
              <Button
                kind="ghost"
                square
                aria-label={`Delete the key ${key.prefix}`}
                icon={<Trash2 className="icon" aria-hidden="true" />}
                onClick={() => setEnding(key)}
              />
            </li>
          ))}
        </ul>
      )}
      {making && <FeedbackDialog projectId={projectId} onClose={() => setMaking(false)} />}
      <ConfirmDialog
        what={ending && `${ending.prefix}…`}
        verb="Delete key"
        onConfirm={() => ending && void remove(ending)}
        onClose={() => setEnding(null)}
      >
        Pages that use it give no feedback from that moment on. What was given stays.
      </ConfirmDialog>
    </>
  );
}
