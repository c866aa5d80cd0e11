import { Plus, X } from "lucide-react";
import { useState } from "react";
import { useAria } from "@/lib/commands/bindings.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { setTag } from "@/sync/edit.ts";
import { useReviewPart } from "@/sync/use-review.ts";
import type { ReviewView } from "@/sync/view.ts";
import { Popover } from "@/ui/popover.tsx";
import { Field } from "./field.tsx";
import { useScope } from "./scope.tsx";

const tagsOf = (view: ReviewView) => view.tags;
/** The longest key of the document in bytes; a tag is one. */
const LONGEST = 128;

/** What a tag's key must be so that logged tags stay and people's changes lie over them. */
export function tagState(tag: string, on: boolean, logged: readonly string[]): boolean | undefined {
  return logged.includes(tag) === on ? undefined : on;
}

/** The tags of the span: as logged, with what people added and took away. */
export function effectiveTags(
  logged: readonly string[],
  changed: { readonly [tag: string]: boolean },
): string[] {
  const added = Object.keys(changed).filter((tag) => changed[tag] && !logged.includes(tag));
  return [...logged.filter((tag) => changed[tag] !== false), ...added.sort()];
}

/** `known`: tags seen around here, to choose from. */
export function Tags({ logged, known }: { logged: readonly string[]; known: readonly string[] }) {
  const { session, mayEdit, edit } = useScope();
  const changed = useReviewPart(session, tagsOf);
  const [open, setOpen] = useState(false);
  const tags = effectiveTags(logged, changed);
  const aria = useAria("tags.edit");
  useCommand("tags.edit", () => setOpen(true), mayEdit);
  const put = (tag: string, on: boolean) => edit((draft) => setTag(draft, tag, tagState(tag, on, logged)));

  if (tags.length === 0 && !mayEdit) return null;
  return (
    <section aria-label="Tags" className="border-t border-line px-4 pt-[11px] pb-3">
      <Field pointer="/tags" watch={["/tags/"]}>
        <h3 className="mb-[7px] font-medium">Tags</h3>
        <ul className="flex flex-wrap items-center gap-[5px]">
          {tags.map((tag) => (
            <li
              key={tag}
              className="inline-flex h-6 max-w-full items-center gap-1 rounded-btn border border-line-2 pl-2 text-small font-medium text-ink-2 coarse:h-10"
            >
              <span className="truncate">{tag}</span>
              {mayEdit ? (
                <button
                  type="button"
                  aria-label={`Remove tag ${tag}`}
                  onClick={() => put(tag, false)}
                  className="grid size-6 flex-none place-items-center rounded-btn text-ink-3 hover:bg-hover hover:text-ink coarse:size-10"
                >
                  <X className="icon size-3!" aria-hidden="true" />
                </button>
              ) : (
                <span className="w-1" />
              )}
            </li>
          ))}
          {mayEdit && (
            <li>
              <Popover
                label="Add a tag"
                open={open}
                onOpenChange={setOpen}
                trigger={
                  <button
                    type="button"
                    aria-keyshortcuts={aria}
                    className="inline-flex h-6 items-center gap-1 rounded-btn border border-dashed border-control px-2 text-small font-medium text-ink-3 hover:bg-hover hover:text-ink coarse:h-10"
                  >
                    <Plus className="icon size-3!" aria-hidden="true" />
                    Tag
                  </button>
                }
              >
                <AddTag tags={tags} known={known} onAdd={(tag) => put(tag, true)} />
              </Popover>
            </li>
          )}
        </ul>
      </Field>
    </section>
  );
}

function AddTag({
  tags,
  known,
  onAdd,
}: {
  tags: readonly string[];
  known: readonly string[];
  onAdd: (tag: string) => void;
}) {
  const [text, setText] = useState("");
  const tag = text.trim();
  const long = new TextEncoder().encode(tag).length > LONGEST;
  const offered = known
    .filter((other) => !tags.includes(other) && other.toLowerCase().includes(tag.toLowerCase()))
    .slice(0, 12);
  const add = (next: string) => {
    if (next === "" || long) return;
    if (!tags.includes(next)) onAdd(next);
    setText("");
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add(tag);
      }}
    >
      <input
        // The popover was opened to type here.
        // biome-ignore lint/a11y/noAutofocus: focus follows the person's own action
        autoFocus
        aria-label="Tag"
        placeholder="Type a tag, Enter adds it"
        value={text}
        aria-invalid={long || undefined}
        onChange={(event) => setText(event.target.value)}
        className="block h-8 w-full rounded-btn border border-control bg-surface px-2.5 aria-invalid:border-fail"
      />
      {long && (
        <p role="alert" className="mt-1 px-1 text-small text-fail">
          A tag may have {LONGEST} bytes.
        </p>
      )}
      {offered.length > 0 && (
        <ul aria-label="Tags to choose from" className="mt-1.5 flex flex-wrap gap-1">
          {offered.map((other) => (
            <li key={other}>
              <button
                type="button"
                onClick={() => add(other)}
                className="inline-flex h-6 max-w-full items-center rounded-btn bg-sunken px-2 text-small font-medium text-ink-2 hover:bg-hover"
              >
                <span className="truncate">{other}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}
