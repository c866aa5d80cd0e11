import { useState } from "react";
import { cx } from "@/ui/cx.ts";
import type { ScoreForm } from "./score-form.ts";

const optionClass =
  "flex h-8 min-w-0 items-center gap-1.5 rounded-[7px] border px-2.5 text-[12.5px] font-medium coarse:h-11";
const off = "border-line-2";
const on = "border-accent bg-accent-soft text-accent-ink shadow-[inset_0_0_0_.5px_var(--accent)]";

/** The question as reviewers will see it. It works, and keeps nothing. */
export function ScorePreview({ form }: { form: ScoreForm }) {
  const name = form.name.trim() || "Name";
  return (
    <section aria-label="Preview" className="self-start lg:sticky lg:top-0">
      <h3 className="mb-2 text-micro font-medium text-ink-3">As reviewers see it</h3>
      <div className="rounded-card border border-line bg-surface px-4 py-3">
        <p className="mb-2 flex items-baseline gap-1.5">
          <span className="font-medium">{name}</span>
          {form.kind === "expected" && form.multi && <span className="text-ink-3">choose any</span>}
        </p>
        {form.description.trim() && (
          <p className="-mt-1 mb-2 text-small text-ink-3">{form.description.trim()}</p>
        )}
        {form.kind === "slider" && <SliderPreview name={name} />}
        {form.kind === "free-form" && (
          <textarea
            aria-label={`${name}, preview`}
            rows={3}
            placeholder="Write here"
            className="block w-full resize-none rounded-btn border border-control bg-surface px-2.5 py-1.5"
          />
        )}
        {(form.kind === "categorical" || form.kind === "expected") && (
          <ChoicePreview form={form} name={name} />
        )}
      </div>
    </section>
  );
}

function SliderPreview({ name }: { name: string }) {
  const [value, setValue] = useState(50);
  return (
    <div className="flex items-center gap-3">
      <input
        type="range"
        aria-label={`${name}, preview`}
        min={0}
        max={100}
        value={value}
        onChange={(event) => setValue(Number(event.target.value))}
        className="min-w-0 flex-1 accent-accent"
      />
      <span className="num w-10 text-right">{value}%</span>
    </div>
  );
}

function ChoicePreview({ form, name }: { form: ScoreForm; name: string }) {
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const multi = form.kind === "expected" && form.multi;
  const toggle = (key: number) => {
    if (!multi) setChosen([key]);
    else setChosen(chosen.includes(key) ? chosen.filter((other) => other !== key) : [...chosen, key]);
  };
  if (form.options.length === 0) return <p className="text-small text-ink-3">No options yet.</p>;
  return (
    <fieldset className="flex flex-wrap gap-1.5">
      <legend className="sr-only">{name}, preview</legend>
      {form.options.map((one, index) => {
        const active = chosen.includes(one.key);
        return (
          <button
            key={one.key}
            type="button"
            aria-pressed={active}
            onClick={() => toggle(one.key)}
            className={cx(optionClass, "flex-1", active ? on : off)}
          >
            <span className="truncate">{one.name.trim() || `Option ${index + 1}`}</span>
            {index < 9 && <span className="num ml-auto pl-1 text-[10.5px] opacity-90">{index + 1}</span>}
          </button>
        );
      })}
    </fieldset>
  );
}
