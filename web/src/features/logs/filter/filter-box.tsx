import { useQuery } from "@tanstack/react-query";
import { Filter as FilterIcon } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { type FieldInfo, facetQuery } from "@/api/find.ts";
import type { ObjectRef } from "@/api/types.ts";
import type { Person } from "@/api/use-people.ts";
import { useAria } from "@/lib/commands/bindings.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { type Asked, askedAt, put } from "@/lib/filter/complete.ts";
import { CommandKbd } from "@/ui/kbd.tsx";
import { ProblemMark } from "./problem-mark.tsx";
import { facetOf, type Suggestion, suggestions } from "./suggest.ts";
import { SuggestionList } from "./suggestion-list.tsx";

interface Props {
  object: ObjectRef;
  fields: readonly FieldInfo[];
  /** Of the whole list: values are counted within it. */
  filter: string;
  person: (id: string) => Person;
  /** A condition that is being changed; its text is put into the box. */
  editing: { text: string; serial: number } | null;
  empty: boolean;
  onAdd: (text: string) => Promise<void>;
  /** Backspace in the empty box. */
  onTakeBack: () => void;
  onLeave: () => void;
}

/** Types conditions: fields, then operators, then values with counts; or plain English. */
export function FilterBox({
  object,
  fields,
  filter,
  person,
  editing,
  empty,
  onAdd,
  onTakeBack,
  onLeave,
}: Props) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [problem, setProblem] = useState<{ text: string; error: unknown } | null>(null);
  const [busy, setBusy] = useState(false);
  useCommand("logs.filter", () => input.current?.focus());

  useEffect(() => {
    if (!editing) return;
    setText(editing.text);
    setProblem(null);
    input.current?.focus();
    // The caret goes behind the text once it is there.
    requestAnimationFrame(() => {
      input.current?.setSelectionRange(editing.text.length, editing.text.length);
      setCaret(editing.text.length);
    });
  }, [editing]);

  const asked = useMemo(() => askedAt(text, caret), [text, caret]);
  const facet = open && asked.stage === "value" ? facetOf(asked.path) : null;
  const counted = useQuery({ ...facetQuery(object, filter, facet ?? ""), enabled: facet !== null });
  const offered = useMemo(() => {
    const nameOf = (path: string, value: string | number | boolean | null) =>
      path === "__bt_assignments" ? person(String(value)).name : String(value);
    return suggestions(asked, { fields, values: facet ? (counted.data?.values ?? []) : [], nameOf });
  }, [asked, fields, facet, counted.data, person]);
  const shown = open && offered.length > 0 && !problem;

  const change = (next: string, at: number) => {
    setText(next);
    setCaret(at);
    setActive(-1);
    setProblem(null);
  };
  const commit = async (whole: string) => {
    if (whole.trim() === "" || busy) return;
    setBusy(true);
    setActive(-1);
    try {
      await onAdd(whole.trim());
      change("", 0);
      // What was found is to be seen; the list of fields comes back with the next letter.
      setOpen(false);
    } catch (error) {
      setProblem({ text: whole, error });
    } finally {
      setBusy(false);
    }
  };
  const choose = (suggestion: Suggestion, at: Asked, andAdd: boolean) => {
    const next = put(text, at, suggestion.text);
    // The last word of a condition: it is whole, and Enter adds it at once.
    if (andAdd && suggestion.whole && next.caret >= next.text.length) {
      void commit(next.text);
      return;
    }
    change(next.text, next.caret);
    setOpen(true);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(next.caret, next.caret);
    });
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const chosen = offered[active];
    if (event.key === "Escape") {
      event.preventDefault();
      if (shown || problem) {
        setOpen(false);
        setProblem(null);
      } else {
        change("", 0);
        onLeave();
        input.current?.blur();
      }
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!shown) return setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive((active + step + offered.length + (active < 0 && step < 0 ? 1 : 0)) % offered.length);
    } else if (event.key === "Tab" && shown && text !== "" && !event.shiftKey) {
      const first = chosen ?? offered[0];
      if (!first) return;
      event.preventDefault();
      choose(first, asked, false);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (shown && chosen) choose(chosen, asked, true);
      else void commit(text);
    } else if (event.key === "Backspace" && text === "") {
      onTakeBack();
    }
  };

  return (
    <div className="relative flex min-w-[180px] flex-1 items-center gap-1.5">
      {empty && <FilterIcon className="icon text-ink-3" aria-hidden="true" />}
      <input
        ref={input}
        role="combobox"
        aria-label="Filter"
        aria-expanded={shown}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={shown && active >= 0 ? `${id}-${active}` : undefined}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? `${id}-problem` : undefined}
        aria-keyshortcuts={useAria("logs.filter")}
        aria-busy={busy || undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder={
          empty ? "Filter by any field, or say it: low scores in the last 2 days" : "Add a condition"
        }
        value={text}
        onChange={(event) => {
          change(event.target.value, event.target.selectionStart ?? event.target.value.length);
          setOpen(true);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
        className="h-7 w-full min-w-0 bg-transparent text-[12.5px] outline-none aria-invalid:text-fail coarse:h-10 coarse:text-[16px]"
      />
      {text === "" && <CommandKbd id="logs.filter" />}
      {(shown || problem) && (
        <div className="floating absolute top-[calc(100%+4px)] left-0 z-30 w-[min(460px,calc(100vw-24px))]">
          {problem ? (
            <ProblemMark id={`${id}-problem`} text={problem.text} error={problem.error} />
          ) : (
            <SuggestionList
              id={id}
              stage={asked.stage}
              offered={offered}
              active={active}
              sampled={facet !== null && counted.data?.counts === "sampled"}
              onChoose={(suggestion) => choose(suggestion, asked, true)}
            />
          )}
        </div>
      )}
    </div>
  );
}
