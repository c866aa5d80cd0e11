import { RotateCcw } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { freeKeys, isOwn, objection, setKeys, useKeysOf } from "@/lib/commands/bindings.ts";
import { keyCaps, notationOf, readPress } from "@/lib/commands/keys.ts";
import { type CommandId, command } from "@/lib/commands/table.ts";
import { Kbd } from "@/ui/kbd.tsx";

/** A pause this long ends a sequence. */
const SEQUENCE_MS = 900;
const MODIFIERS = ["Shift", "Control", "Alt", "Meta", "AltGraph", "Dead", "Process", "CapsLock"];

/** One command with its keys; with `editing`, a press on them takes other keys. */
export function KeyRow({ id, editing }: { id: CommandId; editing: boolean }) {
  const keysOf = useKeysOf();
  const keys = keysOf(id);
  const [taking, setTaking] = useState(false);
  // Focus goes back to where it was before the keys were taken.
  const [taken, setTaken] = useState(false);
  const { label } = command(id);
  // A run of digits belongs together and stays.
  const isRun = command(id).keys.length > 2;
  if (taking && editing) return <Taking id={id} onDone={() => setTaking(false)} />;
  const caps = isRun ? (
    <>
      <Kbd keys={keys[0] ?? ""} />
      <span className="text-ink-3">to</span>
      <Kbd keys={keys[8] ?? ""} />
    </>
  ) : (
    <Kbd keys={keys[0] ?? ""} />
  );
  return (
    <li className="flex min-h-7 items-center gap-2 border-b border-line">
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {editing && isOwn(id) && (
        <button
          type="button"
          aria-label={`Standard keys for ${label}`}
          title="Standard keys"
          onClick={() => setKeys(id, null)}
          className="grid size-6 place-items-center rounded-chip text-ink-3 hover:bg-hover hover:text-ink"
        >
          <RotateCcw className="icon size-3!" aria-hidden="true" />
        </button>
      )}
      {editing && !isRun ? (
        <button
          type="button"
          ref={(button) => {
            if (button && taken) {
              button.focus();
              setTaken(false);
            }
          }}
          onClick={() => {
            setTaking(true);
            setTaken(true);
          }}
          className="inline-flex min-h-6 min-w-8 items-center justify-end gap-1 rounded-chip px-1 hover:bg-hover"
        >
          <span className="sr-only">
            Change the keys of {label}, now {keys[0] ? keyCaps(keys[0]).join(" ") : "none"}
          </span>
          {keys[0] ? (
            caps
          ) : (
            <span aria-hidden="true" className="text-small text-ink-3">
              none
            </span>
          )}
        </button>
      ) : (
        <span className="inline-flex items-center gap-1">{caps}</span>
      )}
    </li>
  );
}

/** Listens for the new keys; Esc keeps the old ones, Backspace takes them away. */
function Taking({ id, onDone }: { id: CommandId; onDone: () => void }) {
  const [presses, setPresses] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState<ReturnType<typeof objection>>(null);
  const field = useRef<HTMLButtonElement>(null);
  const timer = useRef(0);
  const { label } = command(id);
  useEffect(() => {
    field.current?.focus();
    return () => window.clearTimeout(timer.current);
  }, []);

  const settle = (notation: string) => {
    const found = objection(id, notation);
    setProblem(found);
    if (found) return;
    setKeys(id, [notation]);
    onDone();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.nativeEvent.isComposing || MODIFIERS.includes(event.key)) return;
    if (event.key === "Escape") {
      onDone();
      return;
    }
    if (event.key === "Backspace" && presses.length === 0) {
      setKeys(id, []);
      onDone();
      return;
    }
    const one = notationOf(readPress(event.nativeEvent));
    const next = problem ? [one] : [...presses, one].slice(-2);
    setProblem(null);
    setPresses(next);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => settle(next.join(" ")), SEQUENCE_MS);
  };
  const notation = presses.join(" ");
  return (
    <li className="border-b border-line bg-accent-soft px-2 py-1">
      <div className="flex min-h-7 items-center gap-2">
        <span className="min-w-0 flex-1 truncate">{label}</span>
        <button
          ref={field}
          type="button"
          onKeyDown={onKeyDown}
          onBlur={(event) => {
            if (!problem && !event.currentTarget.parentElement?.parentElement?.contains(event.relatedTarget))
              onDone();
          }}
          className="inline-flex min-h-6 items-center gap-1 rounded-chip px-1 text-accent-ink"
        >
          {notation === "" ? "Press the new keys" : <Kbd keys={notation} />}
          <span className="sr-only">. Esc keeps the old ones, Backspace takes them away.</span>
        </button>
      </div>
      {problem && (
        <p role="alert" className="pb-1 text-small text-fail">
          {problem.kind === "browser"
            ? "The browser needs these keys. Press others."
            : `“${command(problem.by).label}” has these keys. Press others, or `}
          {problem.kind === "taken" && (
            <button
              type="button"
              className="font-medium underline"
              onClick={() => {
                freeKeys(problem.by, notation);
                settle(notation);
              }}
            >
              take them from it
            </button>
          )}
        </p>
      )}
    </li>
  );
}
