import { ChevronDown, ChevronRight, ChevronUp, LinkIcon, Maximize2 } from "lucide-react";
import type { ReactNode } from "react";
import type { Place } from "@/api/place.ts";
import { useAria } from "@/lib/commands/bindings.ts";
import { count } from "@/lib/format.ts";
import { listHref } from "@/lib/last-list.ts";
import { syncTone, syncWords, useSyncState } from "@/lib/sync-state.ts";
import { AppLink } from "@/ui/app-link.tsx";
import { AvatarRow } from "@/ui/avatar.tsx";
import { Button } from "@/ui/button.tsx";
import { cx } from "@/ui/cx.ts";

interface Props {
  project: string;
  /** The list that the trace is in. */
  place: Place;
  title: string;
  position: { index: number; total: number } | null;
  onPrevious: (() => void) | null;
  onNext: (() => void) | null;
  people: { id: string; name: string }[];
  viewer: string;
  onCopyLink: () => void;
  /** Reviews this and what follows with nothing else on screen. */
  onFocus: () => void;
  /** Controls that only narrow screens need. */
  children?: ReactNode;
}

const dots = { pass: "bg-pass", warn: "bg-warn", fail: "bg-fail" } as const;

/** Where this is, what stands before and after it, how safe it is, and who else is here. */
export function TraceTop({
  project,
  place,
  title,
  position,
  onPrevious,
  onNext,
  people,
  viewer,
  onCopyLink,
  onFocus,
  children,
}: Props) {
  const sync = useSyncState();
  return (
    <header className="flex h-12 flex-none items-center gap-2 border-b border-line bg-surface pr-3 pl-4">
      <nav aria-label="Breadcrumb" className="flex min-w-0 items-center gap-1.5">
        <span className="hidden flex-none text-ink-3 lg:block">{project}</span>
        <ChevronRight className="icon hidden size-3! text-ink-3 lg:block" aria-hidden="true" />
        <AppLink
          href={listHref(place.list)}
          className="max-w-48 flex-none truncate rounded-chip text-ink-3 no-underline hover:text-ink"
          aria-keyshortcuts={useAria("trace.back")}
        >
          {place.title}
        </AppLink>
        <ChevronRight className="icon size-3! text-ink-3" aria-hidden="true" />
        <h1 aria-current="page" className="truncate font-medium">
          {title}
        </h1>
      </nav>
      <Rule />
      <div className="flex flex-none items-center">
        <Button
          kind="ghost"
          square
          aria-label="Previous trace"
          command="trace.previous"
          disabled={!onPrevious}
          onClick={() => onPrevious?.()}
          icon={<ChevronUp className="icon" aria-hidden="true" />}
        />
        <Button
          kind="ghost"
          square
          aria-label="Next trace"
          command="trace.next"
          disabled={!onNext}
          onClick={() => onNext?.()}
          icon={<ChevronDown className="icon" aria-hidden="true" />}
        />
      </div>
      {position && (
        <span className="num hidden flex-none text-small text-ink-3 sm:block">
          {count(position.index)} of {count(position.total)}
        </span>
      )}
      <span className="flex-1" />
      <span
        className="hidden min-w-0 items-center gap-1.5 text-small text-ink-3 md:inline-flex"
        title={sync.kind === "refused" ? sync.reason : undefined}
      >
        <i className={cx("size-1.5 flex-none rounded-full", dots[syncTone(sync)])} aria-hidden="true" />
        <span className="truncate">{syncWords(sync)}</span>
      </span>
      {people.length > 0 && <Rule />}
      <AvatarRow
        people={people}
        viewer={viewer}
        label={`Here now: ${people.map((person) => person.name).join(", ")}`}
      />
      <Button
        kind="ghost"
        className="max-md:w-7 max-md:px-0"
        aria-label="Copy link"
        aria-keyshortcuts={useAria("trace.copyLink")}
        title="Copy link to this place"
        onClick={onCopyLink}
        icon={<LinkIcon className="icon" aria-hidden="true" />}
      >
        <span className="hidden md:inline">Copy link</span>
      </Button>
      <Button
        kind="ghost"
        className="max-md:w-7 max-md:px-0 max-md:coarse:w-10"
        aria-label="Focus on this review"
        aria-keyshortcuts={useAria("trace.focus")}
        title="Focused review"
        onClick={onFocus}
        icon={<Maximize2 className="icon" aria-hidden="true" />}
      >
        <span className="hidden md:inline">Focus</span>
      </Button>
      {children}
    </header>
  );
}

const Rule = () => (
  <span aria-hidden="true" className="mx-1 hidden h-[18px] w-px flex-none bg-line sm:block" />
);
