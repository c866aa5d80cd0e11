import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { post } from "@/api/client.ts";
import { problemText } from "@/api/problem.ts";
import { membersQuery } from "@/api/queries.ts";
import type { NewMember, Role } from "@/api/types.ts";
import { Button } from "@/ui/button.tsx";
import { CopyField } from "@/ui/copy-field.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { SelectField, TextField } from "@/ui/field.tsx";
import { FormFoot } from "./form-foot.tsx";

/** Makes a member and shows the link by which they choose a password. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [form, setForm] = useState<{ email: string; name: string; role: Role }>({
    email: "",
    name: "",
    role: "reviewer",
  });
  const [made, setMade] = useState<NewMember | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      setMade(
        await post<NewMember>("/api/member", { ...form, email: form.email.trim(), name: form.name.trim() }),
      );
      await queries.invalidateQueries({ queryKey: membersQuery.queryKey });
    } catch (failure) {
      setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };
  if (made) {
    return (
      <Dialog
        open
        onClose={onClose}
        title={`${made.name} is invited`}
        actions={
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        {made.invite_url ? (
          <>
            <p className="mb-3 text-ink-2">
              Send this link to {made.email}. It works once and asks for a password.
            </p>
            <CopyField label="invitation link" value={made.invite_url} />
          </>
        ) : (
          <p className="text-ink-2">They can sign in.</p>
        )}
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title="Invite a member" width={400}>
      <form onSubmit={submit} className="flex flex-col gap-3.5">
        <TextField
          label="Name"
          required
          autoFocus
          maxLength={200}
          value={form.name}
          onChange={(event) => setForm({ ...form, name: event.target.value })}
        />
        <TextField
          label="E-mail"
          type="email"
          required
          value={form.email}
          onChange={(event) => setForm({ ...form, email: event.target.value })}
        />
        <SelectField
          label="Role"
          value={form.role}
          onChange={(event) => setForm({ ...form, role: event.target.value as Role })}
        >
          <option value="viewer">Viewer: reads</option>
          <option value="reviewer">Reviewer: judges</option>
          <option value="lead">Lead: configures scores</option>
          <option value="owner">Owner: everything</option>
        </SelectField>
        <FormFoot error={error} busy={busy} verb="Make the link" onClose={onClose} />
      </form>
    </Dialog>
  );
}
