import { type FormEvent, useState } from "react";
import { post } from "@/api/client.ts";
import { ApiError, problemText } from "@/api/problem.ts";
import type { Session } from "@/api/types.ts";
import { Button } from "@/ui/button.tsx";
import { TextField } from "@/ui/field.tsx";
import { useCountdown } from "./use-countdown.ts";

/** Words for a refused sign-in, with the way out. */
export function signInProblem(error: unknown): string {
  if (error instanceof ApiError && error.code === "invalid-credentials") {
    return "E-mail or password is wrong. Check both and try again.";
  }
  return problemText(error);
}

export function SignInForm({ onEnter }: { onEnter: (session: Session) => void }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [wait, startWait] = useCountdown();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      onEnter(await post<Session>("/api/session", { email: email.trim(), password }));
    } catch (failure) {
      if (failure instanceof ApiError && failure.status === 429) startWait(failure.retryAfter ?? 30);
      else setError(signInProblem(failure));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form onSubmit={submit} className="flex flex-col gap-3.5">
      <TextField
        label="E-mail"
        type="email"
        autoComplete="username"
        required
        autoFocus
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={wait > 0 ? `Too many attempts. Try again in ${wait} s.` : error}
      />
      <Button kind="primary" type="submit" busy={busy} disabled={wait > 0} className="mt-1 h-9! w-full">
        Sign in
      </Button>
    </form>
  );
}
