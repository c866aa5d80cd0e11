import { type FormEvent, useState } from "react";
import { patch, post } from "@/api/client.ts";
import type { ProjectTag } from "@/api/configuration.ts";
import { problemText } from "@/api/problem.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { TextArea, TextField } from "@/ui/field.tsx";
import { Segmented } from "@/ui/segmented.tsx";
import { FormFoot } from "./form-foot.tsx";
import { TagDot } from "./tag-dot.tsx";

/** Colours that differ in both themes and for eyes that see fewer; the first is none. */
const COLOURS: readonly { value: string; label: string }[] = [
  { value: "", label: "None" },
  { value: "#c2570c", label: "Orange" },
  { value: "#b57a0a", label: "Amber" },
  { value: "#1a8a4a", label: "Green" },
  { value: "#0b7f83", label: "Teal" },
  { value: "#3f66e0", label: "Blue" },
  { value: "#8a5cf0", label: "Violet" },
  { value: "#c9353f", label: "Red" },
];

interface Props {
  projectId: string;
  tag: ProjectTag | null;
  /** Names of the other tags. */
  taken: readonly string[];
  onClose: () => void;
  onDone: () => void;
}

/** Makes or changes a tag. */
export function TagDialog({ projectId, tag, taken, onClose, onDone }: Props) {
  const [name, setName] = useState(tag?.name ?? "");
  const [description, setDescription] = useState(tag?.description ?? "");
  const [color, setColor] = useState(tag?.color ?? "");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const colours = COLOURS.some((one) => one.value === color)
    ? COLOURS
    : [...COLOURS, { value: color, label: color }];
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const word = name.trim();
    if (word === "") return setError("A tag needs a name, such as refund.");
    if (taken.includes(word)) return setError(`There is a tag ${word} already.`);
    setBusy(true);
    setError(null);
    try {
      const content = { name: word, description: description.trim(), color };
      if (tag) await patch(`/v1/project_tag/${tag.id}`, content);
      else await post("/v1/project_tag", { project_id: projectId, ...content });
      onDone();
      onClose();
    } catch (failure) {
      setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={tag ? `Edit ${tag.name}` : "New tag"} width={460}>
      <form onSubmit={submit} className="flex flex-col gap-3.5">
        <TextField
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={error}
          help={tag ? "Rows keep the name that they were tagged with." : undefined}
          maxLength={128}
          autoFocus
        />
        <TextArea
          label="When to use it"
          value={description}
          onChange={(event) => setDescription(event.target.value)}
          rows={2}
        />
        <div className="flex flex-col gap-1">
          <span className="text-small font-medium text-ink-2">Colour</span>
          <div className="-m-0.5 overflow-x-auto p-0.5">
            <Segmented
              label="Colour"
              value={color}
              onChange={setColor}
              options={colours.map((one) => ({
                value: one.value,
                label: (
                  <>
                    <TagDot color={one.value} />
                    <span className="sr-only">{one.label}</span>
                  </>
                ),
              }))}
            />
          </div>
        </div>
        <FormFoot busy={busy} verb={tag ? "Save" : "Create tag"} onClose={onClose} />
      </form>
    </Dialog>
  );
}
