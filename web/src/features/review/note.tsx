import { useCallback, useEffect, useRef, useState } from "react";
import { pointer } from "@/sync/document.ts";
import { setNote } from "@/sync/edit.ts";
import { useReviewPart } from "@/sync/use-review.ts";
import type { ReviewView } from "@/sync/view.ts";
import { Field } from "./field.tsx";
import { useScope } from "./scope.tsx";

/** A pause this long while typing sends the words. */
const PAUSE_MS = 300;

interface Props {
  score: string;
  disabled: boolean;
  /** Shown although nothing is written yet. */
  open: boolean;
  onClose: () => void;
}

/** Why a score was given: one's own words, kept while they are typed. */
export function Note({ score, disabled, open, onClose }: Props) {
  const { me, edit, session } = useScope();
  const stored = useReviewPart(
    session,
    useCallback((view: ReviewView) => view.notes[me]?.[score] ?? "", [me, score]),
  );
  const [draft, setDraft] = useState<string | null>(null);
  const timer = useRef(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const pending = useRef<string | null>(null);

  const write = useCallback(() => {
    window.clearTimeout(timer.current);
    const text = pending.current;
    pending.current = null;
    if (text !== null) edit((doc) => setNote(doc, me, score, text));
  }, [edit, me, score]);
  useEffect(() => write, [write]);

  useEffect(() => {
    if (open) field.current?.focus();
  }, [open]);
  if (stored === "" && draft === null && !open) return null;
  return (
    <Field pointer={pointer(["notes", me, score])} className="mt-2">
      <textarea
        ref={field}
        aria-label={`Reason for ${score}`}
        placeholder="Why?"
        rows={1}
        value={draft ?? stored}
        readOnly={disabled}
        onChange={(event) => {
          const text = event.currentTarget.value;
          setDraft(text);
          pending.current = text;
          window.clearTimeout(timer.current);
          timer.current = window.setTimeout(write, PAUSE_MS);
        }}
        onBlur={() => {
          write();
          setDraft(null);
          onClose();
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
        className="block max-h-40 w-full resize-none rounded-btn border border-line bg-sunken px-2.5 py-1.5 text-[12.5px] leading-[18px] [field-sizing:content]"
      />
    </Field>
  );
}
