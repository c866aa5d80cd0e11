import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { get, post, reportSignedIn } from "@/api/client.ts";
import { ApiError, problemText } from "@/api/problem.ts";
import { sessionQuery } from "@/api/queries.ts";
import type { Session } from "@/api/types.ts";
import { useSession } from "@/api/use-session.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { TextField } from "@/ui/field.tsx";

/** Lies over the page when the session ended. The page and everything typed stay behind it. */
export function SessionDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const session = useSession();
  const queries = useQueryClient();
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const restore = async (next: Session) => {
    queries.setQueryData(sessionQuery.queryKey, next);
    setPassword("");
    onClose();
    reportSignedIn();
    await queries.invalidateQueries();
  };
  // Somebody who signs in by a link does it in another tab; coming back here is then enough.
  useEffect(() => {
    if (!open) return;
    const look = async () => {
      const next = await get<Session>("/api/session").catch(() => null);
      if (next?.user.id === session.user.id) await restore(next);
    };
    const listen = () => void look();
    window.addEventListener("focus", listen);
    return () => window.removeEventListener("focus", listen);
  });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await restore(await post<Session>("/api/session", { email: session.user.email, password }));
    } catch (failure) {
      setError(
        failure instanceof ApiError && failure.code === "invalid-credentials"
          ? "That password is wrong. Try again."
          : problemText(failure),
      );
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      open={open}
      onClose={onClose}
      closable={false}
      title="Your session has ended"
      description="Sign in again and you are where you were. What you wrote is kept on this page."
      width={380}
    >
      <form onSubmit={submit} className="flex flex-col gap-3">
        <TextField label="E-mail" value={session.user.email} readOnly autoComplete="username" type="email" />
        <TextField
          label="Password"
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={error}
          required
          autoFocus
        />
        <div className="mt-1 flex items-center justify-between">
          <a href="/sign-in" className="text-small text-accent-ink">
            Sign in as someone else
          </a>
          <Button kind="primary" type="submit" busy={busy}>
            Sign in
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
