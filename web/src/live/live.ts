/** The app's one live connection, wired to the browser: visibility, network, session. */
import { get, onSignedIn, reportSignedOut } from "@/api/client.ts";
import { ApiError } from "@/api/problem.ts";
import { setLiveState } from "@/lib/sync-state.ts";
import { LiveConnection, type LiveStatus, type Socket } from "./connection.ts";

/** A tab that was left for less than this keeps its connection. */
const PAUSE_AFTER_MS = 20_000;

function report(status: LiveStatus): void {
  if (!navigator.onLine) setLiveState("offline");
  else if (status === "open" || status === "idle") setLiveState("synced");
  else if (status === "waiting") setLiveState("reconnecting");
}

async function checkSession(): Promise<void> {
  try {
    await get("/api/session");
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) reportSignedOut();
  }
}

export const live = new LiveConnection({
  connect: () => new WebSocket(`${location.origin.replace(/^http/, "ws")}/live`) as unknown as Socket,
  random: Math.random,
  later: (run, ms) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  onStatus: report,
  checkSession: () => void checkSession(),
});

let leave: ReturnType<typeof setTimeout> | undefined;
document.addEventListener("visibilitychange", () => {
  clearTimeout(leave);
  if (document.hidden) leave = setTimeout(() => live.pause(), PAUSE_AFTER_MS);
  else live.resume();
});
window.addEventListener("online", () => {
  // Until the socket is back: nothing says yet that the server can be reached.
  setLiveState(live.watched ? "reconnecting" : "synced");
  live.resume();
});
window.addEventListener("offline", () => setLiveState("offline"));
onSignedIn(() => live.resume());
