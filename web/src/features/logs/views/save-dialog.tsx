import { type FormEvent, useState } from "react";
import { problemText } from "@/api/problem.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { TextField } from "@/ui/field.tsx";
import { Segmented } from "@/ui/segmented.tsx";

interface Props {
  title: string;
  action: string;
  name: string;
  personal: boolean;
  onSave: (name: string, personal: boolean) => Promise<void>;
  onClose: () => void;
}

/** Name of a view and who sees it. */
export function SaveDialog({ title, action, name: before, personal: was, onSave, onClose }: Props) {
  const [name, setName] = useState(before);
  const [who, setWho] = useState<"me" | "all">(was ? "me" : "all");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "") return setError("A view needs a name.");
    setBusy(true);
    try {
      await onSave(name.trim(), who === "me");
      onClose();
    } catch (problem) {
      setError(problemText(problem));
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="save-view" busy={busy}>
            {action}
          </Button>
        </>
      }
    >
      <form id="save-view" onSubmit={submit} className="flex flex-col gap-3">
        <TextField
          label="Name"
          value={name}
          maxLength={200}
          error={error}
          onChange={(event) => {
            setName(event.target.value);
            setError(null);
          }}
        />
        <div className="flex items-center gap-3">
          <span className="text-small font-medium text-ink-2">Shown to</span>
          <Segmented
            label="Shown to"
            value={who}
            onChange={setWho}
            options={[
              { value: "all", label: "Everybody" },
              { value: "me", label: "Only me" },
            ]}
          />
        </div>
      </form>
    </Dialog>
  );
}
