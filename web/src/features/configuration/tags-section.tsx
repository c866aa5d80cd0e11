import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { del, patch, post } from "@/api/client.ts";
import { type ProjectTag, tagsQuery } from "@/api/configuration.ts";
import { facetQuery } from "@/api/find.ts";
import { problemText } from "@/api/problem.ts";
import { useSession } from "@/api/use-session.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { plural } from "@/lib/format.ts";
import { may, whyNot } from "@/lib/role.ts";
import { Button } from "@/ui/button.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";
import { toast } from "@/ui/toasts.tsx";
import { OrderButtons } from "./order-buttons.tsx";
import { putInOrder } from "./put-in-order.ts";
import { SectionHead } from "./section-head.tsx";
import { TagDialog } from "./tag-dialog.tsx";
import { TagDot } from "./tag-dot.tsx";

/** The tags that reviewers are offered, in their order. */
export function TagsSection({ projectId }: { projectId: string }) {
  const session = useSession();
  const queries = useQueryClient();
  const query = useQuery(tagsQuery(projectId));
  const logs = { object_type: "project_logs", object_id: projectId } as const;
  const used = useQuery(facetQuery(logs, "", "tags")).data;
  const [editing, setEditing] = useState<ProjectTag | "new" | null>(null);
  const allowed = may(session.role, "configure");
  useCommand("configuration.create", () => setEditing("new"), allowed);

  if (query.isPending) return <SkeletonRows rows={4} height={48} label="Loading tags" />;
  if (query.isError) {
    return (
      <ErrorState
        what="The tags could not be loaded"
        error={query.error}
        retry={() => void query.refetch()}
      />
    );
  }
  const tags = query.data;
  const { queryKey } = tagsQuery(projectId);
  const renew = () => queries.invalidateQueries({ queryKey });
  const rows = (name: string) => used?.values.find((one) => one.value === name)?.count ?? 0;

  const move = (from: number, to: number) => putInOrder(queries, queryKey, "/v1/project_tag", tags, from, to);
  const remove = async (tag: ProjectTag) => {
    try {
      await del(`/v1/project_tag/${tag.id}`);
      await renew();
      const { project_id, name, description, color, position } = tag;
      const back = async () => {
        try {
          const again = await post<ProjectTag>("/v1/project_tag", { project_id, name, description, color });
          await patch(`/v1/project_tag/${again.id}`, { position });
          await renew();
        } catch (error) {
          toast({ title: `${name} could not be brought back`, body: problemText(error), tone: "fail" });
        }
      };
      toast({
        title: `${name} is no longer offered`,
        body: "Rows keep it.",
        seconds: 10,
        action: { label: "Undo", run: () => void back() },
      });
    } catch (error) {
      toast({ title: `${tag.name} could not be deleted`, body: problemText(error), tone: "fail" });
    }
  };

  return (
    <>
      <SectionHead
        title="Tags"
        reason={allowed ? null : whyNot("configure")}
        action={
          <Button
            kind="primary"
            disabled={!allowed}
            onClick={() => setEditing("new")}
            command="configuration.create"
            icon={<Plus className="icon" aria-hidden="true" />}
          >
            New tag
          </Button>
        }
      >
        What reviewers are offered when they tag a row, in this order. Rows may carry other tags as well.
      </SectionHead>
      {tags.length === 0 ? (
        <EmptyState title="No tags yet">
          Reviewers can tag freely; add tags to have them choose the same words.
        </EmptyState>
      ) : (
        <ul className="border-t border-line">
          {tags.map((tag, index) => (
            <li key={tag.id} className="flex min-h-12 items-center gap-3 border-b border-line py-1.5">
              <TagDot color={tag.color} />
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">{tag.name}</p>
                {tag.description && <p className="truncate text-small text-ink-2">{tag.description}</p>}
              </div>
              <span className="num text-small text-ink-3">
                {rows(tag.name) > 0 ? `on ${plural(rows(tag.name), "row")} of the logs` : ""}
              </span>
              {allowed && (
                <>
                  <OrderButtons
                    name={tag.name}
                    index={index}
                    count={tags.length}
                    onMove={(to) => void move(index, to)}
                  />
                  <Button onClick={() => setEditing(tag)} aria-label={`Edit ${tag.name}`}>
                    Edit
                  </Button>
                  <Button
                    kind="ghost"
                    square
                    aria-label={`Delete ${tag.name}`}
                    icon={<Trash2 className="icon" aria-hidden="true" />}
                    onClick={() => void remove(tag)}
                  />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {editing && (
        <TagDialog
          projectId={projectId}
          tag={editing === "new" ? null : editing}
          taken={tags.filter((tag) => tag !== editing).map((tag) => tag.name)}
          onClose={() => setEditing(null)}
          onDone={() => void renew()}
        />
      )}
    </>
  );
}
