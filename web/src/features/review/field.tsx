/** A place in the review that several people see: who else is in it, and what somebody else has just changed. */
import { type ReactNode, useEffect, useRef } from "react";
import { people } from "@/sync/presence.ts";
import { usePeers } from "@/sync/use-review.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { cx } from "@/ui/cx.ts";
import { colours, useScope } from "./scope.tsx";

interface Props {
  /** JSON Pointer that this person's focus in here is shown as. */
  pointer: string;
  /** Pointers whose remote changes flash; this one unless told. A trailing "/" means everything below. */
  watch?: readonly string[];
  /** Ring in the colour of a person who edits here. */
  ring?: boolean;
  className?: string;
  children: ReactNode;
}

const FLASH_MS = 600;

export function Field({ pointer, watch, ring = false, className, children }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const { session, row, me } = useScope();
  const here = useOthersAt(pointer);
  const first = ring ? here[0] : undefined;
  const watched = (watch ?? [pointer]).join("\n");

  useEffect(() => {
    const wanted = watched.split("\n");
    return session.onRemote((pointers) => {
      const hit = [...pointers].find((changed) => wanted.some((want) => covers(want, changed)));
      if (hit === undefined || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
      const author =
        authorOf(hit) ??
        people(session.peers(), me).find((peer) => peer.focus !== null && covers(peer.focus, hit))?.user.id;
      const soft = author ? colours(author, me).soft : "var(--hover)";
      element.current?.animate([{ backgroundColor: soft }, { backgroundColor: "transparent" }], {
        duration: FLASH_MS,
        easing: "ease-out",
      });
    });
  }, [session, watched, me]);

  return (
    <div
      ref={element}
      data-field={pointer}
      data-row={row}
      className={cx("rounded-btn", className)}
      style={first ? { boxShadow: `inset 0 0 0 1.5px ${colours(first.id, me).ink}` } : undefined}
    >
      {children}
    </div>
  );
}

function covers(want: string, changed: string): boolean {
  return want.endsWith("/") ? changed.startsWith(want) : changed === want || changed.startsWith(`${want}/`);
}

/** Paths of one's own places name their author; shared places do not. */
function authorOf(pointer: string): string | undefined {
  return /^\/(?:scores|notes|completed)\/([^/]+)/.exec(pointer)?.[1];
}

/** Other people whose focus is at `pointer` of this span. */
export function useOthersAt(pointer: string): { id: string; name: string }[] {
  const { session, row, me } = useScope();
  const peers = usePeers(session);
  return people(peers, me)
    .filter((peer) => peer.span === row && peer.focus === pointer)
    .map((peer) => peer.user);
}

/** Other people who are at this score now; each has their own place for it. */
export function PeopleAt({ score }: { score: string }) {
  const { session, row, me } = useScope();
  const suffix = `/${score.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  const here = people(usePeers(session), me).filter(
    (peer) =>
      peer.span === row &&
      peer.focus !== null &&
      /^\/(scores|notes)\//.test(peer.focus) &&
      peer.focus.endsWith(suffix),
  );
  if (here.length === 0) return null;
  return (
    <span className="inline-flex items-center gap-0.5">
      {here.slice(0, 3).map((peer) => (
        <Avatar key={peer.user.id} id={peer.user.id} name={`${peer.user.name} is here`} viewer={me} small />
      ))}
    </span>
  );
}
