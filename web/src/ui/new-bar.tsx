import { ArrowUp } from "lucide-react";
import { useEffect, useRef } from "react";
import { announce } from "@/lib/announce.ts";
import { useAria } from "@/lib/commands/bindings.ts";
import { count } from "@/lib/format.ts";
import { CommandKbd } from "@/ui/kbd.tsx";

/** Says how much arrived since the list was read. It is shown when asked, never pushed under the hand. */
export function NewBar({ fresh, onShow }: { fresh: number; onShow: () => void }) {
  const told = useRef(0);
  const aria = useAria("logs.showNew");
  useEffect(() => {
    // The first of a wave is worth saying; the count that follows is on screen.
    if (fresh > 0 && told.current === 0) announce("More has arrived");
    told.current = fresh;
  }, [fresh]);
  if (fresh === 0) return null;
  return (
    <button
      type="button"
      onClick={onShow}
      aria-keyshortcuts={aria}
      className="flex h-7 flex-none items-center justify-center gap-2 border-b border-accent-line bg-accent-soft text-[12.5px] font-medium text-accent-ink coarse:h-11"
    >
      <ArrowUp className="icon" aria-hidden="true" />
      <span className="num">{`${count(fresh)} new`}</span>
      <CommandKbd id="logs.showNew" />
    </button>
  );
}
