import { useKeysOf } from "@/lib/commands/bindings.ts";
import { keyCaps } from "@/lib/commands/keys.ts";
import type { CommandId } from "@/lib/commands/table.ts";
import { cx } from "./cx.ts";

/** Key caps of a notation such as `Mod+Enter`. Decoration: the control itself carries `aria-keyshortcuts`. */
export function Kbd({ keys, onAccent = false }: { keys: string; onAccent?: boolean }) {
  if (keys === "") return null;
  return (
    <span className="hidden items-center gap-[2px] md:inline-flex" aria-hidden="true">
      {keyCaps(keys).map((cap, index) => (
        <kbd
          key={index}
          className={cx(
            "inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-cap border px-1 font-sans text-[10.5px] leading-4 font-medium tracking-normal",
            onAccent
              ? "border-transparent bg-[rgb(0_0_0/.18)] text-accent-on"
              : "border-line-2 bg-sunken text-ink-3",
          )}
        >
          {cap}
        </kbd>
      ))}
    </span>
  );
}

/** The key caps of a command, as this person has it. */
export function CommandKbd({ id }: { id: CommandId }) {
  return <Kbd keys={useKeysOf()(id)[0] ?? ""} />;
}
