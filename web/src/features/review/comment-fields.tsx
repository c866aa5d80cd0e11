/** The two fields that comments are written in. */
import { useEffect, useRef, useState } from "react";
import { quoteOf, selectedAnchor } from "@/lib/anchor.ts";
import { useAria } from "@/lib/commands/bindings.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { kept, written } from "@/lib/mentions.ts";
import type { Json } from "@/sync/document.ts";
import { addComment } from "@/sync/edit.ts";
import type { Comment } from "@/sync/view.ts";
import { CommandKbd } from "@/ui/kbd.tsx";
import { expectedSelection } from "./comment-marks.ts";
import { MentionField, useNameable } from "./mention-field.tsx";
import { useScope } from "./scope.tsx";

type Anchoring = { [key: string]: Json };

/** What is selected, in the content or in the expected value, for a comment to point at. */
function selected(): Anchoring | null {
  const anchor = selectedAnchor() ?? expectedSelection.get();
  if (anchor) return { ...anchor };
  // Words of a value that is shown as JSON, or of two texts: quoted, with no place of their own.
  const selection = getSelection();
  const quote = quoteOf(selection?.toString() ?? "");
  const inside = selection?.anchorNode?.parentElement?.closest("[data-content]");
  return inside && quote !== "" ? { field: "content", quote } : null;
}

const wordsOf = (anchor: Anchoring | null): string => String(anchor?.quote ?? "");

/** A new comment, or an answer to one. */
export function Composer({ answering, onAnswered }: { answering: Comment | null; onAnswered: () => void }) {
  const { me, edit, person } = useScope();
  const [text, setText] = useState("");
  const [anchor, setAnchor] = useState<Anchoring | null>(null);
  const quote = wordsOf(anchor);
  const field = useRef<HTMLTextAreaElement>(null);
  useCommand("comment.new", () => {
    setAnchor(selected());
    field.current?.focus();
  });
  useEffect(() => {
    if (answering) field.current?.focus();
  }, [answering]);

  const people = useNameable();
  const send = () => {
    if (text.trim() === "") return;
    const comment = {
      id: crypto.randomUUID(),
      text: kept(text, people),
      ...(answering ? { parent: answering.id } : {}),
      ...(anchor !== null && !answering ? { anchor } : {}),
    };
    // What could not be sent stays in the field.
    if (!edit((draft) => addComment(draft, me, comment, new Date()))) return;
    setText("");
    setAnchor(null);
    expectedSelection.set(null);
    onAnswered();
  };
  return (
    <div className="mx-4 mb-3">
      {(answering || quote) && (
        <p className="mb-1 flex items-center gap-1.5 text-small text-ink-3">
          <span className="min-w-0 flex-1 truncate">
            {answering ? `Answer to ${person(answering.author).name}` : `“${quote}”`}
          </span>
          <button
            type="button"
            className="rounded-cap px-1 font-medium text-accent-ink hover:bg-hover"
            onClick={() => (answering ? onAnswered() : setAnchor(null))}
          >
            {answering ? "Cancel" : "Without quote"}
          </button>
        </p>
      )}
      <div className="flex items-end rounded-card border border-line-2 py-[7px] pr-2 pl-2.5 focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-accent">
        <MentionField
          field={field}
          aria-label={answering ? "Answer" : "Comment"}
          aria-keyshortcuts={useAria("comment.new")}
          placeholder={answering ? "Answer, or @ to mention" : "Comment, or @ to mention; Enter sends"}
          rows={1}
          value={text}
          onText={setText}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              send();
            } else if (event.key === "Escape") {
              event.currentTarget.blur();
              if (text === "") onAnswered();
            }
          }}
          className="max-h-48 min-w-0 flex-1 resize-none bg-transparent leading-5 outline-none [field-sizing:content] coarse:text-[16px]"
        />
        {text.trim() === "" ? (
          <CommandKbd id="comment.new" />
        ) : (
          <button
            type="button"
            onClick={send}
            className="h-6 rounded-btn bg-accent px-2 text-small font-medium text-accent-on coarse:h-10"
          >
            Send
          </button>
        )}
      </div>
    </div>
  );
}

/** The words of a comment that is there already. */
export function Editor({
  label,
  initial,
  onSend,
  onCancel,
}: {
  label: string;
  initial: string;
  onSend: (text: string) => void;
  onCancel: () => void;
}) {
  const [text, setText] = useState(() => written(initial));
  const people = useNameable();
  return (
    <div>
      <MentionField
        autoFocus
        aria-label={label}
        rows={2}
        onFocus={(event) => event.currentTarget.setSelectionRange(text.length, text.length)}
        value={text}
        onText={setText}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
            event.preventDefault();
            onSend(kept(text, people));
          } else if (event.key === "Escape") onCancel();
        }}
        className="mt-1 block w-full resize-none rounded-btn border border-control bg-surface px-2 py-1.5 leading-5 [field-sizing:content]"
      />
      <div className="mt-1 flex gap-2 text-small font-medium">
        <button
          type="button"
          className="rounded-cap px-1 text-accent-ink hover:bg-hover"
          onClick={() => onSend(kept(text, people))}
        >
          Save
        </button>
        <button type="button" className="rounded-cap px-1 text-ink-3 hover:bg-hover" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </div>
  );
}
