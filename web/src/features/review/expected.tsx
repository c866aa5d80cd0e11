/** What came out beside what should have: the expected value is one field that everybody edits. */
import { Pencil } from "lucide-react";
import {
  lazy,
  type ReactNode,
  type RefObject,
  Suspense,
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { flushSync } from "react-dom";
import type { Json, SpanEvent } from "@/api/types.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { MAX_SPLICE, type ReviewDoc } from "@/sync/document.ts";
import { clearExpected, pieces, splice, startExpected } from "@/sync/edit.ts";
import { useReviewPart } from "@/sync/use-review.ts";
import type { Expected as ExpectedView } from "@/sync/view.ts";
import { Button } from "@/ui/button.tsx";
import { Chip } from "@/ui/chip.tsx";
import { ConflictBar } from "./conflict-bar.tsx";
import { Field, useOthersAt } from "./field.tsx";
import { useScope } from "./scope.tsx";
import { type EditorHandle, SharedEditor } from "./shared-editor.tsx";
import { type WordDiff, wordDiff } from "./word-diff.ts";

// JSON and its checks are loaded when the first expected value that is no text is shown.
const JsonEditor = lazy(() => import("./json-editor.tsx").then((module) => ({ default: module.JsonEditor })));

interface Props {
  event: SpanEvent;
  /** The words of the output when it is nothing but one text. */
  answer: string | null;
  /** Differences are marked. */
  marks: boolean;
  /** The output stands beside it, for pages that do not show it just above. */
  beside?: boolean;
}

const PATH = ["expected", "value"] as const;
const selectExpected = (view: { expected: ExpectedView }) => view.expected;
const isSet = (doc: unknown) => (doc as ReviewDoc).expected?.set === true;

export function Expected({ event, answer, marks, beside = marks }: Props) {
  const { session, mayEdit, edit } = useScope();
  const expected = useReviewPart(session, selectExpected);
  const logged = (event.logged?.expected ?? null) as Json;
  const now: Json = expected.set ? expected.value : logged;
  const [started, setStarted] = useState(false);
  const editor = useRef<EditorHandle>(null);
  const generation = useGeneration(expected.set);
  const others = useOthersAt("/expected");

  const nothing = now === null && !expected.set;
  const open = !nothing || started;
  const first: Json = nothing ? (answer ?? event.output ?? "") : now;
  const prose = typeof first === "string";
  const outputText =
    prose && answer !== null
      ? answer
      : typeof event.output === "string"
        ? event.output
        : toText(event.output);
  const expectedText = useDeferredValue(prose ? first : toText(first));
  const diff = useMemo(
    () => (marks && open && !(nothing && !expected.set) ? wordDiff(outputText, expectedText) : null),
    [marks, open, nothing, expected.set, outputText, expectedText],
  );

  const begin = () => {
    // At once, so that what is typed right after the key goes into the editor.
    flushSync(() => setStarted(true));
    focusSoon(editor);
  };
  useCommand("expected.edit", begin, mayEdit);

  const startText = (text: string) => {
    const [head = "", ...rest] = pieces(text, MAX_SPLICE);
    session.edit((draft) => startExpected(draft, head));
    let at = head.length;
    for (const piece of rest) {
      session.edit((draft) => splice(draft, [...PATH], at, 0, piece));
      at += piece.length;
    }
  };

  if (!open) return <Nothing mayEdit={mayEdit} begin={begin} others={others} />;
  return (
    <div className="border-t border-line">
      {expected.conflicts.map((conflict) => (
        <ConflictBar key={conflict.path} conflict={conflict} />
      ))}
      <div className={beside ? "grid grid-cols-1 @xl:grid-cols-2" : undefined}>
        {beside && (
          <div className="px-3.5 pt-2.5 pb-3">
            <Label>Output</Label>
            <Output text={outputText} diff={diff} mono={!prose} />
          </div>
        )}
        <Field
          pointer="/expected"
          ring
          className={
            beside
              ? "rounded-none! rounded-br-[7px]! border-line px-3.5 pt-2.5 pb-3 max-@xl:border-t @xl:border-l"
              : "px-3.5 pt-2.5 pb-3"
          }
        >
          <Label>
            Expected
            {others.length > 0 && (
              <Chip tone="accent">
                {others.length === 1 ? `${firstName(others[0]?.name)} is editing` : "editing together"}
              </Chip>
            )}
            {!expected.set && now !== null && <span className="font-normal">as logged</span>}
            <span className="flex-1" />
            {expected.set && mayEdit && (
              <button
                type="button"
                className="rounded-cap px-1 font-medium text-ink-3 hover:bg-hover hover:text-ink"
                onClick={() => {
                  setStarted(false);
                  edit(clearExpected);
                }}
              >
                {logged === null ? "Expect nothing" : "Back to logged"}
              </button>
            )}
            {mayEdit && (
              <Button
                kind="ghost"
                square
                aria-label="Edit expected"
                command="expected.edit"
                className="-my-1"
                onClick={begin}
                icon={<Pencil className="icon" aria-hidden="true" />}
              />
            )}
          </Label>
          {prose ? (
            <SharedEditor
              key={event.id}
              path={PATH}
              label="Expected"
              initial={first}
              start={startText}
              when={isSet}
              readOnly={!mayEdit}
              placeholder="What should it have said?"
              handle={editor}
              generation={generation}
              {...(diff ? { added: diff.right } : {})}
            />
          ) : (
            <Suspense fallback={<pre className="mono text-code whitespace-pre-wrap">{toText(first)}</pre>}>
              <JsonEditor
                key={event.id}
                value={first}
                readOnly={!mayEdit}
                handle={editor}
                {...(diff ? { added: diff.right } : {})}
              />
            </Suspense>
          )}
        </Field>
      </div>
    </div>
  );
}

function Nothing({
  mayEdit,
  begin,
  others,
}: {
  mayEdit: boolean;
  begin: () => void;
  others: { name: string }[];
}) {
  return (
    <div className="flex min-h-10 items-center gap-2 border-t border-line px-3.5 py-1.5 text-small text-ink-3">
      <span className="font-medium">Expected</span>
      <span className="flex-1">
        {others.length > 0 ? `${firstName(others[0]?.name)} is writing` : "nothing yet"}
      </span>
      {mayEdit && (
        <Button kind="ghost" command="expected.edit" onClick={begin}>
          Write what it should have said
        </Button>
      )}
    </div>
  );
}

function Output({ text, diff, mono }: { text: string; diff: WordDiff | null; mono: boolean }) {
  return (
    <div
      className={
        mono
          ? "mono text-code whitespace-pre-wrap [overflow-wrap:anywhere]"
          : "leading-[21px] whitespace-pre-wrap [overflow-wrap:anywhere]"
      }
    >
      {diff
        ? diff.left.map((piece, index) =>
            piece.changed ? (
              <del key={index} className="rounded-[3px] bg-fail-soft text-fail decoration-1">
                {piece.text}
              </del>
            ) : (
              piece.text
            ),
          )
        : text}
    </div>
  );
}

const Label = ({ children }: { children: ReactNode }) => (
  <div className="mb-0.5 flex min-h-5 items-center gap-1.5 text-micro font-medium text-ink-3">{children}</div>
);

const firstName = (name: string | undefined) => name?.split(" ")[0] ?? "Somebody";

function toText(value: Json): string {
  return typeof value === "string" ? value : value === null ? "" : JSON.stringify(value, null, 2);
}

/** The editor for JSON may have to be loaded first. */
function focusSoon(editor: RefObject<EditorHandle | null>, attempts = 60): void {
  if (editor.current?.focus() || attempts === 0) return;
  requestAnimationFrame(() => focusSoon(editor, attempts - 1));
}

/** Counts how often the review's value was given up: the editor then starts over from what was logged. */
function useGeneration(set: boolean): number {
  const [count, setCount] = useState(0);
  const before = useRef(set);
  useEffect(() => {
    if (before.current && !set) setCount((value) => value + 1);
    before.current = set;
  }, [set]);
  return count;
}
