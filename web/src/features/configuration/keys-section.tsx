import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { del } from "@/api/client.ts";
import { problemText } from "@/api/problem.ts";
import { keysQuery } from "@/api/queries.ts";
import type { ApiKey } from "@/api/types.ts";
import { usePeople } from "@/api/use-people.ts";
import { useSession } from "@/api/use-session.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { fullTime, when } from "@/lib/format.ts";
import { may, whyNot } from "@/lib/role.ts";
import { useNow } from "@/lib/use-now.ts";
import { Button } from "@/ui/button.tsx";
import { Chip } from "@/ui/chip.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";
import { toast } from "@/ui/toasts.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { KeyDialog } from "./key-dialog.tsx";
import { SectionHead } from "./section-head.tsx";

/** The keys by which clients and scripts speak for a member. */
export function KeysSection() {
  const session = useSession();
  const query = useQuery(keysQuery);
  const queries = useQueryClient();
  const person = usePeople();
  const now = useNow(60_000);
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<ApiKey | null>(null);
  const allowed = may(session.role, "make-keys");
  useCommand("configuration.create", () => setMaking(true), allowed);

  if (query.isPending) return <SkeletonRows rows={3} height={48} label="Loading keys" />;
  if (query.isError) {
    return (
      <ErrorState
        what="The keys could not be loaded"
        error={query.error}
        retry={() => void query.refetch()}
      />
    );
  }
  const remove = async (key: ApiKey) => {
    setEnding(null);
    try {
      await del(`/api/key/${key.id}`);
      await queries.invalidateQueries({ queryKey: keysQuery.queryKey });
    } catch (error) {
      toast({ title: `${key.name} could not be deleted`, body: problemText(error), tone: "fail" });
    }
  };
  return (
    <>
      <SectionHead
        title="API keys"
        reason={allowed ? null : whyNot("make-keys")}
        action={
          <Button
            kind="primary"
            disabled={!allowed}
            onClick={() => setMaking(true)}
            command="configuration.create"
            icon={<Plus className="icon" aria-hidden="true" />}
          >
            New key
          </Button>
        }
      >
        A key acts with its member's role in every project of {session.organization.name}.
      </SectionHead>
      {query.data.length === 0 ? (
        <EmptyState title="No keys yet">Clients that send traces need one.</EmptyState>
      ) : (
        <ul className="border-t border-line">
          {query.data.map((key) => (
            <li key={key.id} className="flex min-h-12 items-center gap-3 border-b border-line py-1.5">
              <div className="min-w-0 flex-1">
                <p className="flex items-center gap-2">
                  <span className="truncate font-medium">{key.name}</span>
                  {key.scope === "ingest" && <Chip tone="line">Writes only</Chip>}
                </p>
                <p className="truncate text-small text-ink-3">
                  <code className="mono text-[11.5px]">{key.prefix}…</code>, acts as{" "}
                  {person(key.member_id).name}
                </p>
              </div>
              <p className="text-right text-small text-ink-3 max-sm:hidden">
                {key.last_used ? (
                  <time dateTime={key.last_used} title={fullTime(new Date(key.last_used))}>
                    used {when(new Date(key.last_used), now)}
                  </time>
                ) : (
                  "never used"
                )}
                <br />
                <time dateTime={key.created} title={fullTime(new Date(key.created))}>
                  made {when(new Date(key.created), now)}
                </time>
              </p>
              {(key.member_id === session.user.id || may(session.role, "manage-members")) && (
                <Button
                  kind="ghost"
                  square
                  aria-label={`Delete ${key.name}`}
                  icon={<Trash2 className="icon" aria-hidden="true" />}
                  onClick={() => setEnding(key)}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {making && <KeyDialog onClose={() => setMaking(false)} />}
      <ConfirmDialog
        what={ending?.name ?? null}
        verb="Delete key"
        onConfirm={() => ending && void remove(ending)}
        onClose={() => setEnding(null)}
      >
        Whatever uses it is refused from that moment on. A deleted key does not come back.
      </ConfirmDialog>
    </>
  );
}
