import { type FormEvent, useState } from "react";
import { changeWebhook, makeWebhook, type Webhook, type WebhookEvent } from "@/api/configuration.ts";
import { problemText } from "@/api/problem.ts";
import { Check } from "@/ui/check.tsx";
import { CopyField } from "@/ui/copy-field.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { TextField } from "@/ui/field.tsx";
import { FormFoot } from "./form-foot.tsx";
import { SecretDialog } from "./secret-dialog.tsx";
import { EVENTS } from "./webhook-words.ts";

interface Props {
  projectId: string;
  webhook: Webhook | null;
  onClose: () => void;
  onDone: () => void;
}

/** Makes a webhook, whose secret is shown once, or changes one. */
export function WebhookDialog({ projectId, webhook, onClose, onDone }: Props) {
  const [name, setName] = useState(webhook?.name ?? "");
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [events, setEvents] = useState<readonly WebhookEvent[]>(webhook?.events ?? ["review.completed"]);
  const [secret, setSecret] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "") return setError("Give it a name, such as the system that is told.");
    if (events.length === 0) return setError("Choose at least one thing that it is told of.");
    setBusy(true);
    setError(null);
    try {
      const content = { name: name.trim(), url: url.trim(), events: [...events] };
      if (webhook) await changeWebhook(webhook.id, content);
      else setSecret((await makeWebhook(projectId, content)).secret);
      onDone();
      if (webhook) onClose();
    } catch (failure) {
      setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };
  if (secret) {
    return (
      <SecretDialog
        what="secret"
        description="It is shown this once. With it the receiver knows that a request comes from here: webhook-signature holds an HMAC-SHA256 as the Standard Webhooks specification has it, and its libraries check it."
        onClose={onClose}
      >
        <CopyField label="secret" value={secret} />
      </SecretDialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title={webhook ? `Edit ${webhook.name}` : "New webhook"} width={460}>
      <form onSubmit={submit} className="flex flex-col gap-3.5">
        <TextField
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={200}
          autoFocus
        />
        <TextField
          label="URL"
          type="url"
          required
          value={url}
          onChange={(event) => setUrl(event.target.value)}
          help="Gets a POST with JSON and answers 2xx within 10 s."
        />
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-small font-medium text-ink-2">Is told of</legend>
          {EVENTS.map(({ value, label, help }) => (
            <Check
              key={value}
              label={label}
              help={help}
              checked={events.includes(value)}
              onChange={(on) => setEvents(on ? [...events, value] : events.filter((one) => one !== value))}
            />
          ))}
        </fieldset>
        <FormFoot error={error} busy={busy} verb={webhook ? "Save" : "Make the webhook"} onClose={onClose} />
      </form>
    </Dialog>
  );
}
