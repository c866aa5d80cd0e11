import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { post } from "@/api/client.ts";
import { problemText } from "@/api/problem.ts";
import { keysQuery, membersQuery } from "@/api/queries.ts";
import { useSession } from "@/api/use-session.ts";
import { may } from "@/lib/role.ts";
import { CopyField } from "@/ui/copy-field.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { SelectField, TextField } from "@/ui/field.tsx";
import { FormFoot } from "./form-foot.tsx";
import { SecretDialog } from "./secret-dialog.tsx";

/** Makes a key and shows it once. */
export function KeyDialog({ onClose }: { onClose: () => void }) {
  const session = useSession();
  const queries = useQueryClient();
  const members = useQuery(membersQuery);
  const [name, setName] = useState("");
  const [member, setMember] = useState(session.user.id);
  const [scope, setScope] = useState<"full" | "ingest">("full");
  const [key, setKey] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const forOthers = may(session.role, "manage-members");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "") {
      setError("Give the key a name, such as the app that will use it.");
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const made = await post<{ id: string; key: string }>("/api/key", {
        name: name.trim(),
        ...(member === session.user.id ? {} : { member_id: member }),
        ...(scope === "ingest" ? { scope } : {}),
      });
      setKey(made.key);
      await queries.invalidateQueries({ queryKey: keysQuery.queryKey });
    } catch (failure) {
      setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };
  if (key) {
    return (
      <SecretDialog
        what="key"
        description="It is shown this once and will not come back. Lost keys are replaced by new ones."
        onClose={onClose}
      >
        <CopyField label="API key" value={key} />
      </SecretDialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title="New API key" width={420}>
      <form onSubmit={submit} className="flex flex-col gap-3.5">
        <TextField
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={error}
          help="What will use it, so that you know which one to delete later."
          maxLength={200}
          autoFocus
        />
        {forOthers && (
          <SelectField label="Acts as" value={member} onChange={(event) => setMember(event.target.value)}>
            {(members.data ?? [])
              .filter((one) => !one.disabled)
              .map((one) => (
                <option key={one.id} value={one.id}>
                  {one.id === session.user.id ? `${one.name} (you)` : one.name}
                </option>
              ))}
          </SelectField>
        )}
        <SelectField
          label="May"
          value={scope}
          onChange={(event) => setScope(event.target.value === "ingest" ? "ingest" : "full")}
          help={
            scope === "ingest"
              ? "Sends traces and feedback and reads nothing: right for an app in production."
              : "Does everything that its member may do."
          }
        >
          <option value="full">Read and write</option>
          <option value="ingest">Write only</option>
        </SelectField>
        <FormFoot busy={busy} verb="Make the key" onClose={onClose} />
      </form>
    </Dialog>
  );
}
