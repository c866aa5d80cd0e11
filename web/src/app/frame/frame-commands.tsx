import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { del } from "@/api/client.ts";
import { problemText } from "@/api/problem.ts";
import { useMaybeProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { useCommand, useModal } from "@/lib/commands/dispatch.ts";
import { toggleTheme } from "@/lib/theme.ts";
import { toast } from "@/ui/toasts.tsx";
import { fetchParts, type LatePart, latePart } from "../late-part.ts";
import { preloadPages } from "../lazy-page.tsx";

const palettePart = latePart(() => import("./palette.tsx").then((module) => module.Palette));
const sheetPart = latePart(() => import("./key-sheet.tsx").then((module) => module.KeySheet));
/** Parts and the other pages come once the page is at rest, so that keys and an outage find them here. */
const REST_MS = 2000;

async function open(part: Pick<LatePart<unknown>, "fetch">, show: (shown: boolean) => void): Promise<void> {
  show(true);
  if (await part.fetch()) return;
  show(false);
  toast({
    title: "This part of the app could not be loaded",
    body: "Try again once the server answers.",
    tone: "fail",
  });
}

/** Commands that work everywhere, and the overlays they open. */
export function useFrameCommands(toggleSidebar: () => void): ReactNode {
  const navigate = useNavigate();
  const org = useSession().organization.name;
  const project = useMaybeProject();
  const params = project ? { org, project: project.name } : null;
  const [palette, setPalette] = useState(false);
  const [sheet, setSheet] = useState(false);
  const Palette = palettePart.use();
  const KeySheet = sheetPart.use();

  useEffect(() => {
    const timer = setTimeout(() => void fetchParts().then(preloadPages), REST_MS);
    return () => clearTimeout(timer);
  }, []);
  // Silences the page from the press on: what is typed before the palette is drawn must not act as keys.
  useModal(palette);
  useCommand("palette.open", () => void open(palettePart, setPalette));
  useCommand("keys.open", () => void open(sheetPart, setSheet));
  useCommand("frame.sidebar", toggleSidebar);
  useCommand("frame.theme", toggleTheme);
  useCommand("go.projects", () => void navigate({ to: "/app/$org", params: { org } }));
  useCommand(
    "go.logs",
    () => params && void navigate({ to: "/app/$org/p/$project/logs", params }),
    params !== null,
  );
  useCommand(
    "go.experiments",
    () => params && void navigate({ to: "/app/$org/p/$project/experiments", params }),
    params !== null,
  );
  useCommand(
    "go.review",
    () => params && void navigate({ to: "/app/$org/p/$project/review", params }),
    params !== null,
  );
  useCommand(
    "go.datasets",
    () => params && void navigate({ to: "/app/$org/p/$project/datasets", params }),
    params !== null,
  );
  useCommand(
    "go.configuration",
    () =>
      params &&
      void navigate({
        to: "/app/$org/p/$project/configuration/$section",
        params: { ...params, section: "scores" },
      }),
    params !== null,
  );
  useCommand("session.signOut", async () => {
    try {
      await del("/api/session");
      // A whole new page: nothing of this person stays in memory, every socket closes.
      location.assign("/sign-in");
    } catch (error) {
      toast({ title: "Could not sign out", body: problemText(error), tone: "fail" });
    }
  });

  return (
    <>
      {KeySheet && <KeySheet open={sheet} onClose={() => setSheet(false)} />}
      {palette && Palette && <Palette onClose={() => setPalette(false)} />}
    </>
  );
}
