import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { post } from "@/api/client.ts";
import { problemText } from "@/api/problem.ts";
import { projectsQuery } from "@/api/queries.ts";
import type { Project } from "@/api/types.ts";
import { useSession } from "@/api/use-session.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { TextField } from "@/ui/field.tsx";

/** Asks for a name, makes the project and goes there. */
export function NewProject({ open, onClose }: { open: boolean; onClose: () => void }) {
  const org = useSession().organization.name;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted === "") {
      setError("Give the project a name.");
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const project = await post<Project>("/v1/project", { name: wanted });
      await queries.invalidateQueries({ queryKey: projectsQuery.queryKey });
      setName("");
      onClose();
      await navigate({ to: "/app/$org/p/$project/logs", params: { org, project: project.name } });
    } catch (failure) {
      setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open={open} onClose={onClose} title="New project" width={400}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={error}
          help="Clients name it when they log. A name in use opens that project."
          autoFocus
          maxLength={200}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
