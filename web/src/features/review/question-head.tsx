import { MessageSquareText, X } from "lucide-react";
import type { ReactNode } from "react";
import { PeopleAt } from "./field.tsx";
import { answerText, type Question } from "./questions.ts";

interface Props {
  question: Question;
  judge: number | null | undefined;
  /** A help short enough to stand on this line. */
  help: string | null;
  answered: boolean;
  current: boolean;
  /** Opens the field for a reason; null where none can be given. */
  onReason: (() => void) | null;
  onClear: () => void;
}

/** Name of a question, who is at it, and what the judge said. */
export function Head({ question, judge, help, answered, current, onReason, onClear }: Props) {
  return (
    <div className="mb-[7px] flex min-h-6 items-center gap-1.5">
      <h3 className="truncate font-medium">{question.name}</h3>
      {question.kind === "expected" && (
        <span className="flex-none text-ink-3">{question.multiple ? "choose any" : "into Expected"}</span>
      )}
      <PeopleAt score={question.name} />
      <span className="flex flex-none">
        {onReason && (
          <Tool label={`Give a reason for ${question.name}`} onPress={onReason}>
            <MessageSquareText className="icon size-3!" aria-hidden="true" />
          </Tool>
        )}
        {answered && (
          <Tool label={`Clear ${question.name}`} keys={current ? "Backspace" : undefined} onPress={onClear}>
            <X className="icon size-3!" aria-hidden="true" />
          </Tool>
        )}
      </span>
      <span className="flex-1" />
      {typeof judge === "number" ? (
        <span className="flex-none text-small text-ink-3">
          judge said <b className="font-medium text-ink-2">{answerText(question, judge)}</b>
        </span>
      ) : (
        help !== null && (
          <span aria-hidden="true" className="flex-none text-small text-ink-3">
            {help}
          </span>
        )
      )}
    </div>
  );
}

interface ToolProps {
  label: string;
  keys?: string | undefined;
  onPress: () => void;
  children: ReactNode;
}

function Tool({ label, keys, onPress, children }: ToolProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-keyshortcuts={keys}
      title={keys ? `${label} (${keys})` : label}
      onClick={onPress}
      className="grid size-6 flex-none place-items-center rounded-chip text-ink-3 hover:bg-hover hover:text-ink coarse:size-10"
    >
      {children}
    </button>
  );
}
