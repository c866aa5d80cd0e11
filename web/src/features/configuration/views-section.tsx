import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { deleteView, listShelf, type SavedView, viewsQuery } from "@/api/find.ts";
import { logsPlace } from "@/api/place.ts";
import { problemText } from "@/api/problem.ts";
import { usePeople } from "@/api/use-people.ts";
import { useProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { day, fullTime } from "@/lib/format.ts";
import { may } from "@/lib/role.ts";
import { useNow } from "@/lib/use-now.ts";
import { AppLink } from "@/ui/app-link.tsx";
import { Button } from "@/ui/button.tsx";
import { Chip } from "@/ui/chip.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";
import { toast } from "@/ui/toasts.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { SectionHead } from "./section-head.tsx";

/** What a view finds, as its expression; nothing finds everything. */
const filterOf = (view: SavedView): string =>
  (view.view_data?.search?.filter ?? []).map((one) => one.text).join(" and ");

/** Views of the logs that somebody saved: whose they are, who sees them, what they find. */
export function ViewsSection() {
  const session = useSession();
  const project = useProject();
  const place = logsPlace(session.organization.name, project);
  const query = useQuery(viewsQuery(listShelf(place.object)));
  const queries = useQueryClient();
  const person = usePeople();
  const now = useNow(60_000);
  const [leaving, setLeaving] = useState<SavedView | null>(null);

  if (query.isPending) return <SkeletonRows rows={4} height={48} label="Loading views" />;
  if (query.isError) {
    return (
      <ErrorState
        what="The views could not be loaded"
        error={query.error}
        retry={() => void query.refetch()}
      />
    );
  }
  const mayEdit = (view: SavedView) =>
    view.user_id === session.user.id || (may(session.role, "configure") && !view.options?.personal);
  const remove = async (view: SavedView) => {
    setLeaving(null);
    try {
      await deleteView(listShelf(place.object), view.id);
      await queries.invalidateQueries({ queryKey: viewsQuery(listShelf(place.object)).queryKey });
    } catch (error) {
      toast({ title: `${view.name} could not be deleted`, body: problemText(error), tone: "fail" });
    }
  };

  return (
    <>
      <SectionHead
        title="Views"
        reason={null}
        action={
          <AppLink href={place.list} className="text-accent-ink">
            Open the logs
          </AppLink>
        }
      >
        Filter, order and columns under a name. They are saved where they are seen: in the logs, with v.
      </SectionHead>
      {query.data.length === 0 ? (
        <EmptyState title="No saved views yet">
          Filter the logs, then save what you see as a view for yourself or for everybody.
        </EmptyState>
      ) : (
        <ul className="border-t border-line">
          {query.data.map((view) => (
            <li key={view.id} className="flex min-h-12 items-center gap-3 border-b border-line py-1.5">
              <div className="min-w-0 flex-1">
                <p className="flex items-center gap-2">
                  <AppLink
                    href={`${place.list}?view=${encodeURIComponent(view.id)}`}
                    className="truncate font-medium text-ink"
                  >
                    {view.name}
                  </AppLink>
                  <Chip tone="line">{view.options?.personal ? "Only you" : "Everybody"}</Chip>
                </p>
                <p className="truncate text-small text-ink-3">
                  {filterOf(view) === "" ? (
                    "Finds everything"
                  ) : (
                    <code className="mono text-[11.5px]">{filterOf(view)}</code>
                  )}
                </p>
              </div>
              <p className="text-right text-small text-ink-3 max-sm:hidden">
                {view.user_id ? person(view.user_id).name : "nobody's"}
                <br />
                <time dateTime={view.created} title={fullTime(new Date(view.created))}>
                  {day(new Date(view.created), now)}
                </time>
              </p>
              {mayEdit(view) && (
                <Button
                  kind="ghost"
                  square
                  aria-label={`Delete ${view.name}`}
                  icon={<Trash2 className="icon" aria-hidden="true" />}
                  onClick={() => setLeaving(view)}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      <ConfirmDialog
        what={leaving?.name ?? null}
        verb="Delete view"
        onConfirm={() => leaving && void remove(leaving)}
        onClose={() => setLeaving(null)}
      >
        {leaving?.options?.personal
          ? "It goes for you. The traces stay."
          : "It goes for everybody. The traces stay, and links to the view show the default one."}
      </ConfirmDialog>
    </>
  );
}
