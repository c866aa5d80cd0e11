import { X } from "lucide-react";
import type { KeyboardEvent } from "react";
import type { FilterPart } from "@/api/find.ts";
import type { ChipWords } from "./chip-words.ts";

interface Props {
  part: FilterPart;
  /** `null` where it is no single condition of a field. */
  words: ChipWords | null;
  onEdit: () => void;
  onRemove: () => void;
}

/** One condition: press it to change it, Delete or the cross takes it away. */
export function FilterChip({ part, words, onEdit, onRemove }: Props) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Delete" && event.key !== "Backspace") return;
    event.preventDefault();
    onRemove();
  };
  const said = words ? [words.field, words.operator, words.value].filter(Boolean).join(" ") : part.text;
  return (
    <li className="inline-flex h-6 max-w-full min-w-0 items-center rounded-btn border border-line-2 bg-surface text-small coarse:h-10">
      <button
        type="button"
        onClick={onEdit}
        onKeyDown={onKeyDown}
        title={part.text}
        className="flex h-full min-w-0 max-w-[360px] items-center gap-1 rounded-l-btn pr-1 pl-2 hover:bg-hover"
      >
        <span className="sr-only">Change: </span>
        {words ? (
          <>
            <span className="flex-none text-ink-3">{words.field}</span>{" "}
            <span className="flex-none text-ink-3">{words.operator}</span>{" "}
            {words.value !== "" && <span className="num truncate font-medium text-ink">{words.value}</span>}
          </>
        ) : (
          <span className="mono truncate text-[11.5px] text-ink">{part.text}</span>
        )}
      </button>
      <button
        type="button"
        onClick={onRemove}
        aria-label={`Remove: ${said}`}
        className="grid h-full w-6 flex-none place-items-center rounded-r-btn text-ink-3 hover:bg-hover hover:text-ink coarse:w-10"
      >
        <X className="icon size-3!" aria-hidden="true" />
      </button>
    </li>
  );
}
