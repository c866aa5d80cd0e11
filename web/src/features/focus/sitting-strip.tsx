import { useLocation } from "@tanstack/react-router";
import { X } from "lucide-react";
import { keepSitting, useLeftSitting } from "@/lib/last-sitting.ts";
import { AppLink } from "@/ui/app-link.tsx";
import { Button, buttonClass } from "@/ui/button.tsx";

/** A path as people read it: addresses and the router escape names differently. */
const plain = (path: string) => decodeURIComponent(path);

/** What is done and what is left of the review that was just left, on the page that it was entered from. */
export function SittingStrip() {
  const left = useLeftSitting();
  const here = useLocation({ select: (location) => location.pathname });
  if (!left || plain(new URL(left.from, location.origin).pathname) !== plain(here)) return null;
  return (
    <div
      role="status"
      className="flex min-h-9 flex-none items-center gap-3 border-b border-line bg-accent-soft pr-2 pl-5 text-accent-ink"
    >
      <span className="num flex-1 font-medium">{left.words}</span>
      {left.href !== null && (
        <AppLink href={left.href} className={buttonClass("ghost")}>
          Go on
        </AppLink>
      )}
      <Button
        kind="ghost"
        square
        aria-label="Close message"
        icon={<X className="icon" aria-hidden="true" />}
        onClick={() => keepSitting(null)}
      />
    </div>
  );
}
