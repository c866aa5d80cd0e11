import { useSingleKeys } from "@/lib/commands/dispatch.ts";
import type { CommandId } from "@/lib/commands/table.ts";
import { CommandKbd, Kbd } from "@/ui/kbd.tsx";

const SHOWN: readonly [readonly CommandId[], string][] = [
  [["focus.previousQuestion", "focus.nextQuestion"], "question"],
  [["expected.edit"], "expected"],
  [["trace.diff"], "diff"],
  [["tags.edit"], "tags"],
  [["comment.new"], "note"],
  [["focus.back", "focus.forward"], "item"],
  [["focus.undo"], "undo"],
  [["keys.open"], "all keys"],
];

/** The keys of this screen, for hands that stay on them; each is named at its control too. */
export function KeyBar() {
  const single = useSingleKeys();
  if (!single) return null;
  return (
    <footer
      aria-hidden="true"
      className="flex h-11 flex-none items-center justify-center gap-5 overflow-hidden border-t border-line bg-bg text-ink-3 max-lg:hidden"
    >
      <span className="inline-flex items-center gap-1.5">
        <Kbd keys="1" /> to <Kbd keys="9" /> answer
      </span>
      {SHOWN.map(([ids, words]) => (
        <span key={words} className="inline-flex items-center gap-1.5">
          {ids.map((id) => (
            <CommandKbd key={id} id={id} />
          ))}
          {words}
        </span>
      ))}
    </footer>
  );
}
