import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type RefObject, type TextareaHTMLAttributes, useId, useState } from "react";
import { membersQuery } from "@/api/queries.ts";
import { naming, offered } from "@/lib/mentions.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { cx } from "@/ui/cx.ts";
import { useScope } from "./scope.tsx";

interface Props extends Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "onChange" | "value"> {
  field?: RefObject<HTMLTextAreaElement | null>;
  value: string;
  onText: (text: string) => void;
}

/** People who can be named in a comment. */
export function useNameable() {
  const { data } = useQuery(membersQuery);
  return (data ?? []).filter((member) => !member.disabled);
}

/** A text in which `@` offers names; arrows choose one, Enter or Tab takes it. */
export function MentionField({ field, value, onText, onKeyDown, ...rest }: Props) {
  const { me } = useScope();
  const people = useNameable();
  const list = useId();
  const [caret, setCaret] = useState<number | null>(null);
  const [at, setAt] = useState(0);
  const asked = caret === null ? null : naming(value, caret);
  const found = asked ? offered(people, asked.query) : [];
  const chosen = found[Math.min(at, found.length - 1)];
  const take = (name: string, element: HTMLTextAreaElement) => {
    if (!asked || caret === null) return;
    const end = asked.from + name.length + 2;
    onText(`${value.slice(0, asked.from)}@${name} ${value.slice(caret)}`);
    setCaret(null);
    requestAnimationFrame(() => element.setSelectionRange(end, end));
  };
  const keys = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (chosen && !event.nativeEvent.isComposing) {
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      const takes = (event.key === "Enter" && !event.shiftKey) || event.key === "Tab";
      if (step !== 0 || takes || event.key === "Escape") {
        event.preventDefault();
        if (step !== 0) setAt((found.indexOf(chosen) + step + found.length) % found.length);
        else if (takes) take(chosen.name, event.currentTarget);
        else setCaret(null);
        return;
      }
    }
    onKeyDown?.(event);
  };
  return (
    <span className="relative flex min-w-0 flex-1">
      <textarea
        {...rest}
        ref={field}
        value={value}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={chosen ? `${list}-${chosen.id}` : undefined}
        onChange={(event) => {
          onText(event.target.value);
          setCaret(event.target.selectionStart);
          setAt(0);
        }}
        onKeyDown={keys}
        onBlur={() => setCaret(null)}
      />
      <div
        id={list}
        role="listbox"
        aria-label="People"
        hidden={found.length === 0}
        className={cx(
          "floating absolute bottom-full left-0 z-30 mb-2 w-56 p-1",
          found.length === 0 && "hidden",
        )}
      >
        {found.map((person) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and handles the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the field points at it with aria-activedescendant
          <div
            key={person.id}
            id={`${list}-${person.id}`}
            role="option"
            aria-selected={person === chosen}
            onMouseDown={(event) => event.preventDefault()}
            onClick={(event) => {
              const field = event.currentTarget.closest("span")?.querySelector("textarea");
              if (field) take(person.name, field);
            }}
            className={cx(
              "flex h-8 cursor-default items-center gap-2 rounded-chip px-2 coarse:h-11",
              person === chosen && "bg-hover",
            )}
          >
            <Avatar id={person.id} name={person.name} viewer={me} small labelled={false} />
            <span className="truncate">{person.name}</span>
          </div>
        ))}
      </div>
    </span>
  );
}
