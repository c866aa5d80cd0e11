import { useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, Plus, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { patch, post } from "@/api/client.ts";
import { problemText } from "@/api/problem.ts";
import { scoresQuery } from "@/api/queries.ts";
import type { Aggregate, ProjectScore } from "@/api/types.ts";
import { Button } from "@/ui/button.tsx";
import { fieldClass, SelectField, TextArea, TextField } from "@/ui/field.tsx";
import { Segmented } from "@/ui/segmented.tsx";
import { toast } from "@/ui/toasts.tsx";
import {
  check,
  emptyForm,
  formOf,
  hasAggregate,
  hasOptions,
  isFine,
  type Kind,
  kindOf,
  type OptionForm,
  option,
  requestOf,
  type ScoreForm,
} from "./score-form.ts";
import { ScorePreview } from "./score-preview.tsx";
import { aggregateHelp, kindHelp, kindNames } from "./score-words.ts";

interface Props {
  projectId: string;
  /** The score to edit; none for a new one. */
  score: ProjectScore | null;
  others: readonly ProjectScore[];
  onDone: () => void;
}

/** Makes or changes a score; what reviewers will see stands beside the form. */
export function ScoreEditor({ projectId, score, others, onDone }: Props) {
  const queries = useQueryClient();
  const kind = score ? kindOf(score) : null;
  const [form, setForm] = useState<ScoreForm>(() => (score && kind ? formOf(score, kind) : emptyForm()));
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const problems = check(
    form,
    others.map((other) => other.name),
  );
  const shown = tried ? problems : { options: {} as Record<number, string> };
  const change = (part: Partial<ScoreForm>) => setForm({ ...form, ...part });

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    setError(null);
    if (!isFine(problems)) {
      // After the messages are drawn: the first of them is where to go on.
      const target = event.currentTarget;
      setTimeout(() => target.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), 0);
      return;
    }
    setBusy(true);
    try {
      const body = requestOf(form);
      if (score)
        await patch(`/v1/project_score/${score.id}`, { ...body, description: body.description ?? "" });
      else await post("/v1/project_score", { project_id: projectId, ...body });
      await queries.invalidateQueries({ queryKey: scoresQuery(projectId).queryKey });
      toast({ title: score ? `${body.name} saved` : `${body.name} created`, seconds: 3 });
      onDone();
    } catch (failure) {
      setError(problemText(failure));
      setBusy(false);
    }
  };

  return (
    <form
      onSubmit={submit}
      noValidate
      className="grid gap-x-10 gap-y-6 lg:grid-cols-[minmax(0,640px)_minmax(240px,320px)]"
    >
      <div className="flex flex-col gap-5">
        <div className="flex items-center gap-2">
          <Button
            kind="ghost"
            square
            aria-label="Back to the scores"
            icon={<ArrowLeft className="icon" />}
            onClick={onDone}
          />
          <h2 className="text-title font-semibold tracking-[-.01em]">{score ? score.name : "New score"}</h2>
        </div>
        <TextField
          label="Name"
          value={form.name}
          onChange={(event) => change({ name: event.target.value })}
          error={shown.name}
          help={
            score && form.name.trim() !== score.name
              ? "Values given until now stay under the old name."
              : undefined
          }
          autoFocus={!score}
        />
        <div className="flex flex-col gap-1.5">
          <span className="text-small font-medium text-ink-2">Kind</span>
          <div>
            <Segmented<Kind>
              label="Kind"
              value={form.kind}
              disabled={score !== null}
              onChange={(next) => change({ kind: next })}
              options={(["categorical", "slider", "expected", "free-form"] as const).map((value) => ({
                value,
                label: kindNames[value],
              }))}
            />
          </div>
          <p className="text-small text-ink-3">
            {kindHelp[form.kind]}
            {score && " The kind stays as it was made: values of another kind would not fit."}
          </p>
        </div>
        {hasOptions(form.kind) && <Options form={form} problems={shown} change={change} />}
        {form.kind === "expected" && (
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              className="size-3.5 accent-accent"
              checked={form.multi}
              onChange={(event) => change({ multi: event.target.checked })}
            />
            More than one can be chosen
          </label>
        )}
        {form.kind === "free-form" && (
          <TextField
            label="Shown at"
            value={form.path}
            onChange={(event) => change({ path: event.target.value })}
            placeholder={`metadata.${form.name.trim() || "name"}`}
            error={shown.path}
            help="Where the text appears in the row's metadata. Empty: under the score's own name."
            className="mono text-code!"
          />
        )}
        {hasAggregate(form.kind) && (
          <SelectField
            label="When reviewers differ"
            value={form.aggregate}
            onChange={(event) => change({ aggregate: event.target.value as Aggregate })}
            help={aggregateHelp[form.aggregate]}
          >
            <option value="mean">Mean of their values</option>
            <option value="median">Median of their values</option>
            <option value="majority">What most of them chose</option>
            <option value="latest">The latest value</option>
          </SelectField>
        )}
        <TextArea
          label="Description"
          value={form.description}
          onChange={(event) => change({ description: event.target.value })}
          help="Reviewers see it beside the question."
          rows={2}
        />
        {error && (
          <p role="alert" className="font-medium text-fail">
            {error}
          </p>
        )}
        <div className="flex gap-2">
          <Button kind="primary" type="submit" busy={busy}>
            {score ? "Save" : "Create score"}
          </Button>
          <Button onClick={onDone}>Cancel</Button>
        </div>
      </div>
      <ScorePreview form={form} />
    </form>
  );
}

interface OptionsProps {
  form: ScoreForm;
  problems: { options: Record<number, string>; list?: string };
  change: (part: Partial<ScoreForm>) => void;
}

function Options({ form, problems, change }: OptionsProps) {
  const numbered = form.kind === "categorical";
  const set = (key: number, part: Partial<OptionForm>) =>
    change({ options: form.options.map((one) => (one.key === key ? { ...one, ...part } : one)) });
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1 text-small font-medium text-ink-2">Options</legend>
      {numbered && (
        <div
          className="grid grid-cols-[minmax(0,1fr)_88px_28px] gap-2 text-micro text-ink-3"
          aria-hidden="true"
        >
          <span>Name</span>
          <span>Value, 0 to 1</span>
        </div>
      )}
      {form.options.map((one, index) => {
        const problem = problems.options[one.key];
        return (
          <div key={one.key}>
            <div
              className={`grid gap-2 ${numbered ? "grid-cols-[minmax(0,1fr)_88px_28px]" : "grid-cols-[minmax(0,1fr)_28px]"}`}
            >
              <input
                aria-label={`Option ${index + 1}, name`}
                aria-invalid={problem ? true : undefined}
                aria-describedby={problem ? `option-${one.key}` : undefined}
                placeholder=" "
                value={one.name}
                onChange={(event) => set(one.key, { name: event.target.value })}
                className={`${fieldClass} h-8 coarse:h-11`}
              />
              {numbered && (
                <input
                  aria-label={`Option ${index + 1}, value`}
                  aria-invalid={problem ? true : undefined}
                  inputMode="decimal"
                  placeholder=" "
                  value={one.value}
                  onChange={(event) => set(one.key, { value: event.target.value })}
                  className={`${fieldClass} num h-8 coarse:h-11`}
                />
              )}
              <Button
                kind="ghost"
                square
                className="mt-0.5"
                aria-label={`Remove option ${one.name || index + 1}`}
                icon={<X className="icon" />}
                onClick={() => change({ options: form.options.filter((other) => other.key !== one.key) })}
              />
            </div>
            {problem && (
              <p id={`option-${one.key}`} role="alert" className="mt-0.5 text-small font-medium text-fail">
                {problem}
              </p>
            )}
          </div>
        );
      })}
      {problems.list && (
        <p role="alert" className="text-small font-medium text-fail">
          {problems.list}
        </p>
      )}
      <div>
        <Button
          kind="ghost"
          icon={<Plus className="icon" aria-hidden="true" />}
          onClick={() => change({ options: [...form.options, option()] })}
        >
          Add option
        </Button>
      </div>
    </fieldset>
  );
}
