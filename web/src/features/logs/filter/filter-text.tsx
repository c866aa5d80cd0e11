import { type FormEvent, type KeyboardEvent, useId, useState } from "react";
import { Button } from "@/ui/button.tsx";
import { fieldClass } from "@/ui/field.tsx";
import { ProblemMark } from "./problem-mark.tsx";
import type { FilterState } from "./use-filter.ts";

/** The whole filter as the text that it is. */
export function FilterText({ filter, onClose }: { filter: FilterState; onClose: () => void }) {
  const id = useId();
  const [text, setText] = useState(filter.text);
  const [problem, setProblem] = useState<{ text: string; error: unknown } | null>(
    filter.error ? { text: filter.text, error: filter.error } : null,
  );
  const [busy, setBusy] = useState(false);
  const apply = async (event?: FormEvent) => {
    event?.preventDefault();
    setBusy(true);
    try {
      await filter.replace(text);
      onClose();
    } catch (error) {
      setProblem({ text, error });
    } finally {
      setBusy(false);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.preventDefault();
      onClose();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void apply();
    }
  };
  return (
    <form onSubmit={apply} className="flex min-w-0 flex-1 flex-col gap-1.5 py-1.5">
      <textarea
        // It was opened to be written in.
        // biome-ignore lint/a11y/noAutofocus: focus follows the person's own action
        autoFocus
        rows={Math.min(6, Math.max(2, Math.ceil(text.length / 110), text.split("\n").length))}
        aria-label="Filter as text"
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? id : undefined}
        placeholder="scores.Preference > 0.75 and tags includes 'refund'"
        value={text}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        className={`${fieldClass} mono resize-y py-1.5 text-code!`}
      />
      {problem && <ProblemMark id={id} text={problem.text} error={problem.error} />}
      <span className="flex items-center gap-2">
        <Button kind="primary" type="submit" busy={busy}>
          Apply
        </Button>
        <Button kind="ghost" onClick={onClose}>
          Cancel
        </Button>
        <span className="text-small text-ink-3 max-sm:hidden">Enter applies, Shift+Enter begins a line.</span>
      </span>
    </form>
  );
}
