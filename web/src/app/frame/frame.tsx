import { Outlet, useMatches } from "@tanstack/react-router";
import { useLayoutEffect } from "react";
import { useSession } from "@/api/use-session.ts";
import { loadKeys } from "@/lib/commands/bindings.ts";
import { useCommandKeys } from "@/lib/commands/dispatch.ts";
import { Toasts } from "@/ui/toasts.tsx";
import { useFrameCommands } from "./frame-commands.tsx";
import { MobileBar } from "./mobile-bar.tsx";
import { SessionEnded } from "./session-ended.tsx";
import { SideBar } from "./side-bar.tsx";
import { useSidebar } from "./use-sidebar.ts";
import { useWide } from "./use-wide.ts";

/** What stands around every page of a signed-in person. Pages bring their own `header` and `main`. */
export function Frame() {
  const [chosen, toggle] = useSidebar();
  const roomy = useWide();
  const bare = useMatches({ select: (matches) => matches.some((match) => match.staticData.bare === true) });
  const me = useSession().user.id;
  useLayoutEffect(() => loadKeys(me), [me]);
  useCommandKeys();
  const overlays = useFrameCommands(toggle);
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-btn focus:bg-surface focus:px-3 focus:py-1.5"
      >
        Skip to the content
      </a>
      {!bare && <SideBar wide={chosen && roomy} onToggle={toggle} />}
      {!bare && <MobileBar />}
      <div id="content" tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 flex-col outline-none">
        <Outlet />
      </div>
      {overlays}
      <SessionEnded />
      <Toasts />
    </div>
  );
}
