import type { Stage } from "@/lib/filter/complete.ts";
import { cx } from "@/ui/cx.ts";
import { Kbd } from "@/ui/kbd.tsx";
import type { Suggestion } from "./suggest.ts";

const HEADS: Record<Stage, string> = {
  field: "Fields",
  operator: "How",
  value: "Values",
  joiner: "And then",
};

interface Props {
  id: string;
  stage: Stage;
  offered: readonly Suggestion[];
  active: number;
  /** The counts are of a sample. */
  sampled: boolean;
  onChoose: (suggestion: Suggestion) => void;
}

/** What fits at the caret; arrows choose, Tab takes the first. */
export function SuggestionList({ id, stage, offered, active, sampled, onChoose }: Props) {
  return (
    <div className="p-1">
      <p className="flex items-center justify-between px-2 pt-1 pb-1 text-micro font-medium text-ink-3">
        {HEADS[stage]}
        {sampled && <span className="font-normal">counts of a sample</span>}
      </p>
      <div id={`${id}-list`} role="listbox" aria-label={HEADS[stage]}>
        {offered.map((suggestion, index) => (
          // The box keeps the focus and its keys; the pointer only chooses.
          // biome-ignore lint/a11y/useKeyWithClickEvents: arrows and Enter in the box do the same
          <div
            key={suggestion.text}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            tabIndex={-1}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => onChoose(suggestion)}
            className={cx(
              "flex min-h-7 items-center gap-2 rounded-chip px-2 hover:bg-hover coarse:min-h-10",
              index === active && "bg-accent-soft text-accent-ink",
            )}
          >
            <span className={cx("min-w-0 truncate font-medium", stage === "operator" && "mono text-code")}>
              {suggestion.label}
            </span>
            {suggestion.aside !== "" && suggestion.aside !== suggestion.label && (
              <span
                className={cx(
                  "min-w-0 flex-1 truncate text-small",
                  index === active ? "text-accent-ink" : "text-ink-3",
                  stage === "value" && "num text-right",
                )}
              >
                {suggestion.aside}
              </span>
            )}
            {index === Math.max(0, active) && stage !== "value" && <Kbd keys="Tab" />}
          </div>
        ))}
      </div>
    </div>
  );
}
