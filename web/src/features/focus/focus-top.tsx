import { LinkIcon, X } from "lucide-react";
import { count } from "@/lib/format.ts";
import { syncTone, syncWords, useSyncState } from "@/lib/sync-state.ts";
import { AvatarRow } from "@/ui/avatar.tsx";
import { Button } from "@/ui/button.tsx";
import { Chip } from "@/ui/chip.tsx";
import { cx } from "@/ui/cx.ts";
import { Kbd } from "@/ui/kbd.tsx";
import { Switch } from "@/ui/switch.tsx";
import type { Item } from "./items.ts";
import type { Sitting } from "./sitting.ts";
import { Ticks } from "./ticks.tsx";
import { timeLeft } from "./words.ts";

interface Props {
  title: string;
  /** What the list is filtered by, in a few words. */
  filter: string;
  sitting: Sitting;
  advance: boolean;
  onAdvance: (on: boolean) => void;
  /** Who else is on this item. */
  people: { id: string; name: string }[];
  viewer: string;
  /** The colleague who is on an item. */
  holderOf: (item: Item) => { id: string; name: string } | null;
  onCopyLink: () => void;
  onLeave: () => void;
}

const dots = { pass: "bg-pass", warn: "bg-warn", fail: "bg-fail" } as const;

/** Where this is in the list, how safe the work is, and who else is here. */
export function FocusTop(props: Props) {
  const { title, filter, sitting, advance, onAdvance } = props;
  const { people, viewer, holderOf, onCopyLink, onLeave } = props;
  const sync = useSyncState();
  const { state, total, done, pace, left } = sitting;
  const skipped = sitting.skipped.length;
  const current = sitting.current;
  const holder = current && holderOf(current);
  const over = state.at >= state.items.length;
  const all = `${count(total.count)}${total.atLeast ? "+" : ""}`;
  return (
    <header className="flex h-[52px] flex-none items-center gap-3 border-b border-line bg-bg px-4 max-md:gap-1.5 max-md:px-2">
      <div className="flex min-w-0 flex-1 items-center gap-2.5">
        <button
          type="button"
          onClick={onLeave}
          aria-keyshortcuts="Escape"
          className="-ml-1.5 inline-flex h-7 flex-none items-center gap-2 rounded-btn px-1.5 text-ink-2 hover:bg-hover hover:text-ink coarse:h-11 coarse:w-11 coarse:justify-center"
        >
          <X className="icon" aria-hidden="true" />
          <span className="max-md:sr-only">Leave</span>
          <Kbd keys="Escape" />
        </button>
        <span className="truncate font-semibold max-md:hidden">{title}</span>
        {filter !== "" && (
          <span className="min-w-0 max-xl:hidden" title={filter}>
            <Chip>{filter}</Chip>
          </span>
        )}
      </div>
      <div className="flex flex-none items-center gap-3">
        <Ticks sitting={sitting} holderOf={holderOf} viewer={viewer} />
        {!over && (
          <span
            role="progressbar"
            aria-label="Items"
            aria-valuemin={1}
            aria-valuemax={Math.max(1, total.count)}
            aria-valuenow={state.at + 1}
            aria-valuetext={`Item ${count(state.at + 1)} of ${all}. ${count(done)} done, ${count(skipped)} skipped`}
            className="num font-medium"
          >
            {count(state.at + 1)} / {all}
          </span>
        )}
        <span className="num text-small text-ink-3 max-md:hidden">{timeLeft(pace, left)}</span>
      </div>
      <div className="flex min-w-0 flex-1 items-center justify-end gap-2">
        <span
          role="status"
          className="inline-flex min-w-0 items-center gap-1.5 text-small text-ink-3"
          title={sync.kind === "refused" ? sync.reason : undefined}
        >
          <i className={cx("size-1.5 flex-none rounded-full", dots[syncTone(sync)])} aria-hidden="true" />
          <span className={cx("truncate", sync.kind === "synced" && "max-xl:sr-only")}>
            {syncWords(sync)}
          </span>
        </span>
        {holder && (
          <Chip tone="warn" title="Both of you can work here; what you write is kept apart or merges">
            {holder.name.split(" ")[0]} is on this
          </Chip>
        )}
        <AvatarRow
          people={people}
          viewer={viewer}
          label={`On this item: ${people.map((person) => person.name).join(", ")}`}
        />
        <span className="max-md:hidden">
          <Switch on={advance} onChange={onAdvance} command="focus.advance">
            Auto-advance
          </Switch>
        </span>
        <Button
          kind="ghost"
          square
          aria-label="Copy link to this place"
          command="trace.copyLink"
          onClick={onCopyLink}
          icon={<LinkIcon className="icon" aria-hidden="true" />}
        />
      </div>
    </header>
  );
}
