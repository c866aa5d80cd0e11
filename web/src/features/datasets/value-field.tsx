/** A field of a record that no document holds: edited as text, written to the row when it is left. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { writeField } from "@/api/datasets.ts";
import { problemText } from "@/api/problem.ts";
import { spanQuery } from "@/api/queries.ts";
import type { Json, ObjectRef } from "@/api/types.ts";
import { Button } from "@/ui/button.tsx";
import { readValue, sameJson, valueText } from "./value-text.ts";

interface Props {
  object: ObjectRef;
  row: string;
  field: "input" | "metadata";
  label: string;
  value: Json;
  mayEdit: boolean;
  /** After it was written. */
  onWritten: () => void;
}

/** What was typed against a value that somebody else has changed meanwhile. */
interface Clash {
  mine: Json;
  theirs: Json;
}

export function ValueField({ object, row, field, label, value, mayEdit, onWritten }: Props) {
  const queries = useQueryClient();
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  /** The value that is being edited; what arrives meanwhile is not put under the hand. */
  const [base, setBase] = useState(value);
  const [text, setText] = useState(() => valueText(value));
  const [problem, setProblem] = useState<string | null>(null);
  const [clash, setClash] = useState<Clash | null>(null);
  const [state, setState] = useState<"idle" | "saving" | "saved">("idle");
  const touched = text !== valueText(base);

  useEffect(() => {
    if (touched || sameJson(value, base)) return;
    setBase(value);
    setText(valueText(value));
  }, [value, base, touched]);
  useEffect(() => {
    if (state !== "saved") return;
    const timer = setTimeout(() => setState("idle"), 2000);
    return () => clearTimeout(timer);
  }, [state]);

  const write = async (next: Json) => {
    setState("saving");
    try {
      const { errors } = await writeField(object.object_id, row, field, next);
      if (errors?.[0]) throw new Error(errors[0].detail);
      setBase(next);
      setText(valueText(next));
      setClash(null);
      setState("saved");
      await queries.invalidateQueries({ queryKey: spanQuery(object, row).queryKey });
      onWritten();
    } catch (error) {
      setState("idle");
      setProblem(`Not saved. ${problemText(error)}`);
    }
  };
  const save = async () => {
    if (!touched || state === "saving") return;
    const read = readValue(text, base, field === "metadata");
    if ("problem" in read) return setProblem(read.problem);
    setProblem(null);
    try {
      // Rows have no history that would merge: whoever changed it meanwhile is asked about first.
      const stored = await queries.fetchQuery({ ...spanQuery(object, row), staleTime: 0 });
      const theirs = (field === "metadata" ? stored.logged?.metadata : stored.input) ?? null;
      if (!sameJson(theirs, base) && !sameJson(theirs, read.value)) {
        return setClash({ mine: read.value, theirs });
      }
      await write(read.value);
    } catch (error) {
      setProblem(`Not saved. ${problemText(error)}`);
    }
  };

  return (
    <section aria-label={label} className="border-t border-line px-4 pt-2.5 pb-3">
      <div className="mb-1 flex min-h-5 items-center gap-2">
        <label htmlFor={id} className="flex-1 text-micro font-medium text-ink-3">
          {label}
        </label>
        <span role="status" className="text-micro text-ink-3">
          {state === "saving" ? "Saving" : state === "saved" ? "Saved" : touched ? "Not saved yet" : ""}
        </span>
      </div>
      <textarea
        ref={area}
        id={id}
        data-record-field={field}
        value={text}
        readOnly={!mayEdit}
        rows={2}
        spellCheck={false}
        placeholder={field === "metadata" ? '{ "language": "en" }' : "Nothing"}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? `${id}-problem` : undefined}
        onChange={(event) => {
          setText(event.target.value);
          setProblem(null);
        }}
        onBlur={() => void save()}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
          if (event.key !== "Escape") return;
          // The field gives the keys back before anything is closed.
          event.stopPropagation();
          if (touched) {
            setText(valueText(base));
            setProblem(null);
          } else event.currentTarget.blur();
        }}
        className={`block max-h-[360px] w-full resize-y [field-sizing:content] rounded-btn border border-line-2 bg-surface px-2.5 py-1.5 text-base outline-offset-1 placeholder:text-ink-3 placeholder-shown:border-control aria-invalid:border-fail ${typeof base === "string" ? "leading-[21px]" : "mono text-code"}`}
      />
      {problem && (
        <p id={`${id}-problem`} role="alert" className="mt-1 text-small font-medium text-fail">
          {problem}
        </p>
      )}
      {clash && (
        <div role="alert" className="mt-2 rounded-card bg-warn-soft px-3 py-2 text-small">
          <p className="font-medium text-warn">Somebody changed it while you typed. It is now:</p>
          <pre className="mono my-1.5 max-h-40 overflow-auto text-code whitespace-pre-wrap [overflow-wrap:anywhere]">
            {valueText(clash.theirs)}
          </pre>
          <div className="flex gap-2">
            <Button onClick={() => void write(clash.mine)}>Keep mine</Button>
            <Button
              onClick={() => {
                setBase(clash.theirs);
                setText(valueText(clash.theirs));
                setClash(null);
              }}
            >
              Take theirs
            </Button>
          </div>
        </div>
      )}
    </section>
  );
}
