import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { type Added, addToDataset, type Becomes, makeDataset } from "@/api/datasets.ts";
import type { BulkTarget } from "@/api/find.ts";
import { objectPlace, type Place } from "@/api/place.ts";
import { problemText } from "@/api/problem.ts";
import { objectsOverviewQuery } from "@/api/queries.ts";
import { useProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { count, plural } from "@/lib/format.ts";
import { readSetting, writeSetting } from "@/lib/storage.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { SelectField, TextField } from "@/ui/field.tsx";
import { toast } from "@/ui/toasts.tsx";

interface Props {
  place: Place;
  target: BulkTarget;
  /** How many rows are meant, as text; they may be more than are loaded. */
  meant: string;
  onClose: () => void;
  onAdded?: () => void;
}

/** What stands for a dataset that is to be made. */
const FRESH = "new";

const CHOICES: { value: Becomes; label: string; help: string }[] = [
  { value: "expected", label: "Expected", help: "As reviewers corrected it, else as logged" },
  { value: "output", label: "Output", help: "What came out, for answers that are right" },
  { value: "none", label: "Nothing", help: "Somebody writes it later" },
];

interface Last {
  dataset: string;
  expected: Becomes;
}

const isLast = (value: unknown): value is Last =>
  typeof value === "object" &&
  value !== null &&
  "dataset" in value &&
  "expected" in value &&
  CHOICES.some((choice) => choice.value === value.expected);

/** Adds rows to a dataset, which may be made here; a row that is there already is left as it is. */
export function AddDialog({ place, target, meant, onClose, onAdded }: Props) {
  const project = useProject();
  const org = useSession().organization.name;
  const navigate = useNavigate();
  const queries = useQueryClient();
  const datasets = useQuery(objectsOverviewQuery("datasets", project.id));
  const [last] = useState(() =>
    readSetting<Last>(`add-to-dataset.${project.id}`, { dataset: "", expected: "expected" }, isLast),
  );
  const [chosen, setChosen] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [expected, setExpected] = useState<Becomes>(last.expected);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const others = (datasets.data ?? []).filter((dataset) => dataset.id !== place.object.object_id);
  const usual = others.find((dataset) => dataset.id === last.dataset) ?? others[0];
  const value = chosen ?? usual?.id ?? FRESH;
  const fresh = value === FRESH;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (fresh && name.trim() === "") {
      setError("Give the dataset a name, such as the question it is to answer.");
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const made = fresh ? await makeDataset(project.id, name.trim()) : null;
      const id = made?.id ?? value;
      const called = made?.name ?? others.find((dataset) => dataset.id === id)?.name ?? "the dataset";
      const added = await addToDataset(id, place.object, target, expected);
      writeSetting(`add-to-dataset.${project.id}`, { dataset: id, expected } satisfies Last);
      void queries.invalidateQueries({ queryKey: ["objects", "datasets", project.id] });
      const { list } = objectPlace(org, project.name, "datasets", { id, name: called });
      toast({
        title: addedWords(added, called),
        ...skippedWords(added),
        action: { label: "Open", run: () => void navigate({ href: list }) },
      });
      onAdded?.();
      onClose();
    } catch (failure) {
      setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog open onClose={onClose} title={`Add ${meant} to a dataset`} width={420}>
      <form onSubmit={submit} className="flex flex-col gap-3.5">
        <SelectField
          label="Dataset"
          value={value}
          onChange={(event) => setChosen(event.target.value)}
          error={datasets.isError ? `The datasets could not be loaded. ${problemText(datasets.error)}` : null}
          autoFocus
        >
          {others.map((dataset) => (
            <option key={dataset.id} value={dataset.id}>
              {dataset.name} ({count(dataset.traces)})
            </option>
          ))}
          <option value={FRESH}>New dataset…</option>
        </SelectField>
        {fresh && !datasets.isPending && (
          <TextField
            label="Name of the new dataset"
            value={name}
            onChange={(event) => setName(event.target.value)}
            maxLength={200}
          />
        )}
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 text-small font-medium text-ink-2">What becomes expected</legend>
          <RadioGroup
            aria-label="What becomes expected"
            value={expected}
            onValueChange={(next) => setExpected(next as Becomes)}
            className="flex flex-col gap-1"
          >
            {CHOICES.map((choice) => (
              // biome-ignore lint/a11y/noLabelWithoutControl: the radio inside is the control
              <label
                key={choice.value}
                className="flex min-h-11 cursor-pointer items-center gap-2.5 rounded-btn border border-line-2 px-3 py-1 hover:bg-hover has-data-checked:border-accent-line has-data-checked:bg-accent-soft"
              >
                <Radio.Root
                  value={choice.value}
                  className="grid size-4 flex-none place-items-center rounded-full border border-control bg-surface data-checked:border-accent data-checked:bg-accent"
                >
                  <Radio.Indicator className="size-1.5 rounded-full bg-accent-on" />
                </Radio.Root>
                <span className="min-w-0 flex-1">
                  <span className="block font-medium">{choice.label}</span>
                  <span className="block text-small text-ink-2">{choice.help}</span>
                </span>
              </label>
            ))}
          </RadioGroup>
        </fieldset>
        <p className="text-small text-ink-3">
          Input, metadata and tags come along, and each record keeps a link to where it came from.
        </p>
        {error && (
          <p role="alert" className="text-small font-medium text-fail">
            {error}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            Add
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function addedWords({ added }: Added, dataset: string): string {
  return added === 0 ? `Nothing new for ${dataset}` : `${plural(added, "record")} added to ${dataset}`;
}

/** Why others were left out, each reason once. */
function skippedWords({ skipped }: Added): { body?: string } {
  const reasons = new Map<string, number>();
  for (const { why } of skipped) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  if (reasons.size === 0) return {};
  return { body: [...reasons].map(([why, times]) => `${count(times)} skipped: ${why}`).join("; ") };
}
