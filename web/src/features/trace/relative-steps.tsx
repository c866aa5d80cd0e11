import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp } from "lucide-react";
import type { SpanLine } from "@/api/types.ts";
import { keyOf, useAria } from "@/lib/commands/bindings.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { keyCaps } from "@/lib/commands/keys.ts";
import type { CommandId } from "@/lib/commands/table.ts";
import type { Relatives } from "./relatives.ts";

interface Props {
  relatives: Relatives;
  onSelect: (span: SpanLine) => void;
}

/** Parent, children and siblings of a span, each one key away. A span that stands alone has none of them. */
export function RelativeSteps({ relatives, onSelect }: Props) {
  const { parent, child, previous, next, position, siblings, children } = relatives;
  if (!parent && !child && siblings === 1) return null;
  return (
    <span role="group" aria-label="Spans around it" className="hidden flex-none items-center @md:flex">
      <Step id="span.parent" to={parent} what="Parent" icon={ArrowUp} onSelect={onSelect} />
      <Step
        id="span.child"
        to={child}
        what={`First of ${children} below`}
        icon={ArrowDown}
        onSelect={onSelect}
      />
      <Step
        id="span.previousSibling"
        to={previous}
        what="Sibling before"
        icon={ArrowLeft}
        onSelect={onSelect}
      />
      <span className="num px-0.5 text-small text-ink-3">
        {position}/{siblings}
      </span>
      <Step id="span.nextSibling" to={next} what="Next sibling" icon={ArrowRight} onSelect={onSelect} />
    </span>
  );
}

interface StepProps {
  id: CommandId;
  to: SpanLine | null;
  what: string;
  icon: typeof ArrowUp;
  onSelect: (span: SpanLine) => void;
}

function Step({ id, to, what, icon: Icon, onSelect }: StepProps) {
  useCommand(id, () => to && onSelect(to), to !== null);
  const name = to ? `${what}: ${to.name ?? "unnamed span"}` : what;
  return (
    <button
      type="button"
      aria-label={name}
      aria-keyshortcuts={useAria(id)}
      title={`${name} (${keyCaps(keyOf(id)).join(" ")})`}
      disabled={!to}
      onClick={() => to && onSelect(to)}
      className="grid size-6 place-items-center rounded-chip text-ink-3 hover:bg-hover hover:text-ink disabled:opacity-40 disabled:hover:bg-transparent coarse:size-10"
    >
      <Icon className="icon size-3.5!" aria-hidden="true" />
    </button>
  );
}
