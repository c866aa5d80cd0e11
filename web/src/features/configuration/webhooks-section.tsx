import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { del } from "@/api/client.ts";
import { changeWebhook, testWebhook, type Webhook, webhooksQuery } from "@/api/configuration.ts";
import { problemText } from "@/api/problem.ts";
import { useSession } from "@/api/use-session.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { may, whyNot } from "@/lib/role.ts";
import { Button } from "@/ui/button.tsx";
import { Chip } from "@/ui/chip.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState, NoPermission } from "@/ui/states.tsx";
import { toast } from "@/ui/toasts.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { SectionHead } from "./section-head.tsx";
import { WebhookDialog } from "./webhook-dialog.tsx";
import { WebhookLog } from "./webhook-log.tsx";
import { eventLabel } from "./webhook-words.ts";

/** Addresses that are told what happens in this project. */
export function WebhooksSection({ projectId }: { projectId: string }) {
  const session = useSession();
  const allowed = may(session.role, "configure");
  const query = useQuery({ ...webhooksQuery(projectId), enabled: allowed });
  const queries = useQueryClient();
  const [editing, setEditing] = useState<Webhook | "new" | null>(null);
  const [leaving, setLeaving] = useState<Webhook | null>(null);
  useCommand("configuration.create", () => setEditing("new"), allowed);

  if (!allowed) return <NoPermission title="Webhooks">{whyNot("configure")}</NoPermission>;
  if (query.isPending) return <SkeletonRows rows={3} height={64} label="Loading webhooks" />;
  if (query.isError) {
    return (
      <ErrorState
        what="The webhooks could not be loaded"
        error={query.error}
        retry={() => void query.refetch()}
      />
    );
  }
  const renew = () => queries.invalidateQueries({ queryKey: webhooksQuery(projectId).queryKey });
  const remove = async (webhook: Webhook) => {
    setLeaving(null);
    try {
      await del(`/api/webhook/${webhook.id}`);
      await renew();
    } catch (error) {
      toast({ title: `${webhook.name} could not be deleted`, body: problemText(error), tone: "fail" });
    }
  };

  return (
    <>
      <SectionHead
        title="Webhooks"
        reason={null}
        action={
          <Button
            kind="primary"
            onClick={() => setEditing("new")}
            command="configuration.create"
            icon={<Plus className="icon" aria-hidden="true" />}
          >
            New webhook
          </Button>
        }
      >
        Your systems are told what happens here, by a signed request. One that fails is repeated for a day.
      </SectionHead>
      {query.data.length === 0 ? (
        <EmptyState title="No webhooks yet">
          Make one to have a chat, a ticket or a build know when a review is assigned or done.
        </EmptyState>
      ) : (
        <ul className="border-t border-line">
          {query.data.map((webhook) => (
            <WebhookItem
              key={webhook.id}
              webhook={webhook}
              onEdit={() => setEditing(webhook)}
              onDelete={() => setLeaving(webhook)}
              onChanged={renew}
            />
          ))}
        </ul>
      )}
      {editing && (
        <WebhookDialog
          projectId={projectId}
          webhook={editing === "new" ? null : editing}
          onClose={() => setEditing(null)}
          onDone={() => void renew()}
        />
      )}
      <ConfirmDialog
        what={leaving?.name ?? null}
        verb="Delete webhook"
        onConfirm={() => leaving && void remove(leaving)}
        onClose={() => setLeaving(null)}
      >
        What still waits is not sent any more, and its log goes with it. To stop it for a while, switch it
        off.
      </ConfirmDialog>
    </>
  );
}

interface ItemProps {
  webhook: Webhook;
  onEdit: () => void;
  onDelete: () => void;
  onChanged: () => Promise<void>;
}

function WebhookItem({ webhook, onEdit, onDelete, onChanged }: ItemProps) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [log, setLog] = useState(false);
  const test = async () => {
    setBusy(true);
    try {
      const told = await testWebhook(webhook.id);
      toast(
        told.state === "delivered"
          ? { title: `${webhook.name} took it`, body: `It answered ${told.answer}.` }
          : { title: `${webhook.name} did not take it`, body: told.detail ?? "No reason.", tone: "fail" },
      );
      await queries.invalidateQueries({ queryKey: ["webhook-deliveries", webhook.id] });
    } catch (error) {
      toast({ title: "It could not be tried", body: problemText(error), tone: "fail" });
    } finally {
      setBusy(false);
    }
  };
  const flip = async () => {
    try {
      await changeWebhook(webhook.id, { active: !webhook.active });
      await onChanged();
    } catch (error) {
      toast({ title: `${webhook.name} could not be changed`, body: problemText(error), tone: "fail" });
    }
  };
  return (
    <li className="border-b border-line py-2.5">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <p className="flex items-center gap-2">
            <span className="truncate font-medium">{webhook.name}</span>
            {!webhook.active && <Chip tone="warn">Off</Chip>}
          </p>
          <p className="truncate text-small text-ink-3">
            <code className="mono text-[11.5px]">{webhook.url}</code>
          </p>
          <p className="mt-1 flex flex-wrap gap-1">
            {webhook.events.map((event) => (
              <Chip key={event}>{eventLabel(event)}</Chip>
            ))}
          </p>
        </div>
        <div className="flex flex-wrap items-center gap-1.5">
          <Button onClick={() => void test()} busy={busy} aria-label={`Test ${webhook.name}`}>
            Test
          </Button>
          <Button onClick={() => setLog(!log)} aria-expanded={log} aria-label={`Log of ${webhook.name}`}>
            Log
          </Button>
          <Button
            onClick={() => void flip()}
            aria-label={`Switch ${webhook.active ? "off" : "on"} ${webhook.name}`}
          >
            {webhook.active ? "Switch off" : "Switch on"}
          </Button>
          <Button onClick={onEdit} aria-label={`Edit ${webhook.name}`}>
            Edit
          </Button>
          <Button
            kind="ghost"
            square
            aria-label={`Delete ${webhook.name}`}
            icon={<Trash2 className="icon" aria-hidden="true" />}
            onClick={onDelete}
          />
        </div>
      </div>
      {log && <WebhookLog webhook={webhook} />}
    </li>
  );
}
