import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { del, patch, post } from "@/api/client.ts";
import { problemText } from "@/api/problem.ts";
import { scoresQuery } from "@/api/queries.ts";
import type { ProjectScore } from "@/api/types.ts";
import { useSession } from "@/api/use-session.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { plainText } from "@/lib/plain-text.ts";
import { may, whyNot } from "@/lib/role.ts";
import { Button } from "@/ui/button.tsx";
import { Chip } from "@/ui/chip.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";
import { toast } from "@/ui/toasts.tsx";
import { IndependentSwitch } from "./independent-switch.tsx";
import { OrderButtons } from "./order-buttons.tsx";
import { putInOrder } from "./put-in-order.ts";
import { ScoreEditor } from "./score-editor.tsx";
import { kindOf } from "./score-form.ts";
import { kindNames } from "./score-words.ts";
import { SectionHead } from "./section-head.tsx";

interface Props {
  projectId: string;
  /** Id of the score being edited, `new`, or none. */
  edit: string | undefined;
  onEdit: (edit: string | undefined) => void;
}

/** What this project wants judged. */
export function ScoresSection({ projectId, edit, onEdit }: Props) {
  const session = useSession();
  const query = useQuery(scoresQuery(projectId));
  const queries = useQueryClient();
  const allowed = may(session.role, "configure");
  useCommand("configuration.create", () => onEdit("new"), allowed && edit === undefined);

  if (query.isPending) return <SkeletonRows rows={4} height={48} label="Loading scores" />;
  if (query.isError) {
    return (
      <ErrorState
        what="The scores could not be loaded"
        error={query.error}
        retry={() => void query.refetch()}
      />
    );
  }
  const scores = query.data;
  const editing = scores.find((score) => score.id === edit);
  if (allowed && (edit === "new" || (editing && kindOf(editing)))) {
    return (
      <ScoreEditor
        key={edit}
        projectId={projectId}
        score={editing ?? null}
        others={scores.filter((score) => score !== editing)}
        onDone={() => onEdit(undefined)}
      />
    );
  }

  const { queryKey } = scoresQuery(projectId);
  const renew = () => queries.invalidateQueries({ queryKey });
  const move = (from: number, to: number) =>
    putInOrder(queries, queryKey, "/v1/project_score", scores, from, to);
  const remove = async (score: ProjectScore) => {
    try {
      await del(`/v1/project_score/${score.id}`);
      await renew();
      const { project_id, name, description, score_type, categories, config, position } = score;
      toast({
        title: `${name} deleted`,
        body: "Values given with it stay in their rows.",
        seconds: 10,
        action: {
          label: "Undo",
          run: () =>
            void post<ProjectScore>("/v1/project_score", {
              project_id,
              name,
              description,
              score_type,
              categories,
              config,
            })
              .then((again) => position && patch(`/v1/project_score/${again.id}`, { position }))
              .then(renew)
              .catch((error: unknown) =>
                toast({ title: `${name} could not be brought back`, body: problemText(error), tone: "fail" }),
              ),
        },
      });
    } catch (error) {
      toast({ title: `${score.name} could not be deleted`, body: problemText(error), tone: "fail" });
    }
  };

  const create = (
    <Button
      kind="primary"
      onClick={() => onEdit("new")}
      disabled={!allowed}
      command="configuration.create"
      icon={<Plus className="icon" aria-hidden="true" />}
    >
      New score
    </Button>
  );
  return (
    <>
      <SectionHead title="Scores" action={create} reason={allowed ? null : whyNot("configure")}>
        The questions that reviewers answer about each span of this project.
      </SectionHead>
      <IndependentSwitch allowed={allowed} />
      {scores.length === 0 ? (
        <EmptyState title="No scores yet">
          Reviewers can comment and correct; add a score to have them judge.
        </EmptyState>
      ) : (
        <ul className="border-t border-line">
          {scores.map((score, index) => (
            <ScoreItem
              key={score.id}
              score={score}
              order={
                allowed && (
                  <OrderButtons
                    name={score.name}
                    index={index}
                    count={scores.length}
                    onMove={(to) => void move(index, to)}
                  />
                )
              }
              editable={allowed && kindOf(score) !== null}
              deletable={allowed}
              onEdit={() => onEdit(score.id)}
              onDelete={() => void remove(score)}
            />
          ))}
        </ul>
      )}
    </>
  );
}

/** Where a free-form text appears. */
function shownAt({ name, config }: ProjectScore): string {
  const path = config?.destination;
  return path && path !== "metadata" ? path : `metadata.${name}`;
}

function ScoreItem(props: {
  score: ProjectScore;
  editable: boolean;
  deletable: boolean;
  order: ReactNode;
  onEdit: () => void;
  onDelete: () => void;
}) {
  const { score, editable, deletable, order, onEdit, onDelete } = props;
  const kind = kindOf(score);
  const facts = [
    kind ? kindNames[kind] : `${score.score_type}, made elsewhere`,
    score.config?.multi_select ? "several" : null,
    kind === "free-form" ? shownAt(score) : null,
    score.config?.aggregate && score.config.aggregate !== "mean" ? score.config.aggregate : null,
  ].filter(Boolean);
  return (
    <li className="flex items-start gap-3 border-b border-line py-2.5">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          {editable ? (
            <button type="button" onClick={onEdit} className="font-medium hover:underline">
              {score.name}
            </button>
          ) : (
            <span className="font-medium">{score.name}</span>
          )}
          <span className="text-small text-ink-3">{facts.join(", ")}</span>
        </p>
        {score.description && <p className="text-ink-2">{plainText(score.description)}</p>}
        {score.categories && score.categories.length > 0 && (
          <p className="mt-1 flex flex-wrap gap-1">
            {score.categories.map((category) => (
              <Chip key={category.name}>
                {category.name}
                {kind === "categorical" && <span className="num text-ink-3">{category.value}</span>}
              </Chip>
            ))}
          </p>
        )}
      </div>
      {order}
      {editable && (
        <Button onClick={onEdit} aria-label={`Edit ${score.name}`}>
          Edit
        </Button>
      )}
      {deletable && (
        <Button
          kind="ghost"
          square
          aria-label={`Delete ${score.name}`}
          icon={<Trash2 className="icon" aria-hidden="true" />}
          onClick={onDelete}
        />
      )}
    </li>
  );
}
