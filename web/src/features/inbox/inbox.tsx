import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { AtSign, CircleCheck, MessageSquareReply, UserPlus } from "lucide-react";
import { useEffect, useRef } from "react";
import { inboxQuery, markRead, type Notification } from "@/api/inbox.ts";
import { problemText } from "@/api/problem.ts";
import { useSession } from "@/api/use-session.ts";
import { fullTime, when } from "@/lib/format.ts";
import { useNow } from "@/lib/use-now.ts";
import { useTopic } from "@/live/use-topic.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { Button } from "@/ui/button.tsx";
import { cx } from "@/ui/cx.ts";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { ErrorState } from "@/ui/states.tsx";
import { toast } from "@/ui/toasts.tsx";
import { about, hrefOf, sentence } from "./inbox-words.ts";

const icons = { assigned: UserPlus, mentioned: AtSign, replied: MessageSquareReply, resolved: CircleCheck };

/** What the viewer was told, newest first; each leads to its place. J and K move, Enter opens. */
export function Inbox({ onClose }: { onClose: () => void }) {
  const { user, organization } = useSession();
  const navigate = useNavigate();
  const client = useQueryClient();
  const now = useNow(30_000);
  const query = useInfiniteQuery(inboxQuery);
  const { data: told } = useTopic({ kind: "inbox" });
  const newest = JSON.stringify(told);
  const { refetch } = query;
  useEffect(() => void refetch(), [newest, refetch]);
  const list = useRef<HTMLUListElement>(null);
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const here = items.length > 0;
  useEffect(() => {
    if (here) list.current?.querySelector<HTMLElement>("a")?.focus();
  }, [here]);

  const read = async (which: Parameters<typeof markRead>[0]) => {
    try {
      await markRead(which);
    } catch (error) {
      toast({ title: "Not marked as read", body: problemText(error), tone: "fail" });
    }
    await client.invalidateQueries({ queryKey: inboxQuery.queryKey });
  };
  const open = (item: Notification) => {
    onClose();
    if (!item.read) void read({ ids: [item.id] });
    void navigate({ href: hrefOf(organization.name, item) });
  };
  const move = (step: number) => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>("a") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    links[Math.max(0, Math.min(links.length - 1, at + step))]?.focus();
  };
  const unread = items.some((item) => !item.read);
  return (
    <section
      aria-label="Notifications"
      className="-m-2 flex flex-col"
      onKeyDown={(event) => {
        const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
        if (step === undefined || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        move(step);
      }}
    >
      <header className="sticky -top-2 z-10 flex h-10 items-center gap-2 border-b border-line bg-surface px-3">
        <h2 className="flex-1 font-medium">Notifications</h2>
        {unread && (
          <Button kind="ghost" onClick={() => items[0] && void read({ up_to: items[0].id })}>
            Mark all read
          </Button>
        )}
      </header>
      {query.isPending && <SkeletonRows rows={4} height={56} label="Loading notifications" />}
      {query.isError && !query.data && (
        <ErrorState
          what="Notifications could not be loaded"
          error={query.error}
          retry={() => void refetch()}
        />
      )}
      {query.data && !here && (
        <p className="px-6 py-8 text-center text-ink-3">
          Nothing yet. Assignments, mentions and answers appear here.
        </p>
      )}
      <ul ref={list} aria-label="Notifications">
        {items.map((item) => (
          <Entry
            key={item.id}
            item={item}
            viewer={user.id}
            href={hrefOf(organization.name, item)}
            now={now}
            onOpen={() => open(item)}
          />
        ))}
      </ul>
      {query.hasNextPage && (
        <Button
          kind="ghost"
          className="m-2"
          busy={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Show older
        </Button>
      )}
    </section>
  );
}

interface EntryProps {
  item: Notification;
  viewer: string;
  href: string;
  now: Date;
  onOpen: () => void;
}

function Entry({ item, viewer, href, now, onOpen }: EntryProps) {
  const Icon = icons[item.kind];
  const at = new Date(item.at);
  return (
    <li className="border-b border-line last:border-b-0">
      <a
        href={href}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          onOpen();
        }}
        className={cx(
          "grid scroll-mt-12 grid-cols-[22px_1fr_auto] gap-x-2.5 px-3 py-2.5 text-ink no-underline outline-offset-[-2px] hover:bg-hover",
          !item.read && "bg-accent-soft hover:bg-accent-soft",
        )}
      >
        <Avatar id={item.by.id} name={item.by.name} viewer={viewer} labelled={false} />
        <span className="min-w-0 leading-[19px]">
          {!item.read && <span className="sr-only">Not read: </span>}
          <span className="font-medium">{item.by.name}</span> {sentence(item)}
          {item.excerpt !== "" && <span className="line-clamp-2 text-ink-2">{plain(item.excerpt)}</span>}
          <span className="flex items-center gap-1.5 text-small text-ink-3">
            <Icon className="size-3 flex-none" aria-hidden="true" />
            <span className="truncate">{about(item)}</span>
          </span>
        </span>
        <time dateTime={item.at} title={fullTime(at)} className="num text-small text-ink-3">
          {when(at, now)}
        </time>
      </a>
    </li>
  );
}

/** A comment's beginning without the ids of those whom it names. */
const plain = (excerpt: string): string => excerpt.replaceAll(/@\[([^\]]*)\]\([^)]*\)?/g, "@$1");
