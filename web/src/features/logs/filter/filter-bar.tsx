import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { fieldsQuery } from "@/api/find.ts";
import { problemText } from "@/api/problem.ts";
import type { ObjectRef } from "@/api/types.ts";
import type { Person } from "@/api/use-people.ts";
import { announce } from "@/lib/announce.ts";
import { Button } from "@/ui/button.tsx";
import { chipWords } from "./chip-words.ts";
import { FilterBox } from "./filter-box.tsx";
import { FilterChip } from "./filter-chip.tsx";
import { FilterText } from "./filter-text.tsx";
import type { FilterState } from "./use-filter.ts";

interface Props {
  object: ObjectRef;
  filter: FilterState;
  person: (id: string) => Person;
  now: Date;
}

const NO_FIELDS: never[] = [];

/** What is looked for: conditions as chips, a box for more, and the same as one text. */
export function FilterBar({ object, filter, person, now }: Props) {
  const fields = useQuery(fieldsQuery(object)).data ?? NO_FIELDS;
  const [asText, setAsText] = useState(false);
  const [editing, setEditing] = useState<{ at: number; text: string; serial: number } | null>(null);
  const bar = useRef<HTMLElement>(null);

  // The address holds what cannot be read: it is shown as text, with what is wrong.
  useEffect(() => {
    if (filter.error) setAsText(true);
  }, [filter.error]);

  const remove = (index: number) => {
    filter.remove(index);
    announce("Condition removed");
    bar.current?.querySelector<HTMLElement>('[role="combobox"]')?.focus();
  };
  const edit = (index: number) => {
    const part = filter.parts[index];
    if (part) setEditing({ at: index, text: part.text, serial: (editing?.serial ?? 0) + 1 });
  };

  return (
    <search
      ref={bar}
      aria-label="Filter"
      className="relative z-20 flex min-h-10 flex-none items-start gap-2 border-b border-line bg-surface px-3 md:px-5"
    >
      {asText ? (
        <FilterText key={String(filter.error)} filter={filter} onClose={() => setAsText(false)} />
      ) : (
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-1.5 py-1.5">
          {filter.parts.length > 0 && (
            <ul aria-label="Conditions" className="contents">
              {filter.parts.map((part, index) => (
                <FilterChip
                  key={part.text}
                  part={part}
                  words={chipWords(part, fields, { person, now })}
                  onEdit={() => edit(index)}
                  onRemove={() => remove(index)}
                />
              ))}
            </ul>
          )}
          <FilterBox
            object={object}
            fields={fields}
            filter={filter.text}
            person={person}
            editing={editing}
            empty={filter.parts.length === 0}
            onAdd={async (text) => {
              await filter.add(text, editing?.at);
              setEditing(null);
            }}
            onTakeBack={() => filter.parts.length > 0 && filter.remove(filter.parts.length - 1)}
            onLeave={() => setEditing(null)}
          />
        </div>
      )}
      {filter.error !== null && !asText && (
        <span role="alert" className="self-center truncate text-small text-fail">
          {problemText(filter.error)}
        </span>
      )}
      {!asText && (
        <span className="flex flex-none items-center gap-1 py-1.5">
          {filter.parts.length > 0 && (
            <Button kind="ghost" onClick={() => filter.set("")}>
              Clear
            </Button>
          )}
          <Button
            kind="ghost"
            aria-pressed={asText}
            onClick={() => setAsText(true)}
            title="The filter as text"
          >
            As text
          </Button>
        </span>
      )}
    </search>
  );
}
