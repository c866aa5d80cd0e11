import { Bell } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { compact, plural } from "@/lib/format.ts";
import { useTopic } from "@/live/use-topic.ts";
import { cx } from "@/ui/cx.ts";
import type { BellProps } from "./bell.tsx";
import { useSideBar } from "./use-wide.ts";

// Fetched when it is asked for; until then the number says enough.
const InboxPopover = lazy(() =>
  import("@/features/inbox/inbox-popover.tsx").then((module) => ({ default: module.InboxPopover })),
);

/** The bell with the number of what was not read. */
export function BellButton({ wide, side }: BellProps) {
  const [asked, setAsked] = useState(false);
  const { data } = useTopic({ kind: "inbox" });
  const unread = data?.unread ?? 0;
  // Of the side bar and the bar of small screens one is out of sight.
  const isSeen = useSideBar() === (side !== "bottom");
  useCommand("inbox.open", () => setAsked(true), isSeen && !asked);
  const trigger = (
    <button
      type="button"
      aria-label={unread === 0 ? "Notifications" : `Notifications, ${plural(unread, "not read", "not read")}`}
      title="Notifications (g i)"
      onClick={() => setAsked(true)}
      className={cx(
        "relative grid flex-none place-items-center rounded-btn text-ink-3 hover:bg-hover hover:text-ink coarse:size-11",
        wide ? "size-7" : "size-[34px]",
      )}
    >
      <Bell className="icon" aria-hidden="true" />
      {unread > 0 && (
        <span className="num absolute -top-0.5 -right-0.5 min-w-[15px] rounded-full bg-accent px-[3px] text-center text-[9.5px] leading-[15px] font-semibold text-accent-on">
          {unread > 99 ? "99+" : compact(unread)}
        </span>
      )}
    </button>
  );
  if (!asked) return trigger;
  return (
    <Suspense fallback={trigger}>
      <InboxPopover trigger={trigger} side={side} isSeen={isSeen} />
    </Suspense>
  );
}
