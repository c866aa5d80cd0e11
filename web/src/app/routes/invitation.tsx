import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { get, post } from "@/api/client.ts";
import { ApiError, problemText } from "@/api/problem.ts";
import type { Session } from "@/api/types.ts";
import { EntryPage } from "@/features/entry/entry-page.tsx";
import { passwordProblem, SHORTEST_PASSWORD } from "@/features/entry/password.ts";
import { useEnter } from "@/features/entry/use-enter.ts";
import { Button, buttonClass } from "@/ui/button.tsx";
import { TextField } from "@/ui/field.tsx";

interface Invitation {
  email: string;
  name: string;
  organization: string;
}

const route = getRouteApi("/invitation/$token");

export function InvitationPage() {
  const { token } = route.useParams();
  const path = `/api/invitation/${encodeURIComponent(token)}`;
  const invitation = useQuery({
    queryKey: ["invitation", token],
    queryFn: ({ signal }) => get<Invitation>(path, undefined, signal),
  });
  if (invitation.isError) {
    const gone = invitation.error instanceof ApiError && [401, 404, 410].includes(invitation.error.status);
    return (
      <EntryPage title={gone ? "This invitation no longer works" : "The invitation could not be read"}>
        <p role="alert" className="text-ink-2">
          {gone
            ? "It was used already or withdrawn. If you have set your password, sign in; else ask for a new link."
            : problemText(invitation.error)}
        </p>
        <div className="mt-5 flex gap-2">
          {!gone && <Button onClick={() => void invitation.refetch()}>Try again</Button>}
          <Link to="/sign-in" className={buttonClass()}>
            Sign in
          </Link>
        </div>
      </EntryPage>
    );
  }
  if (!invitation.data) return <EntryPage title="Invitation">{null}</EntryPage>;
  return <Accept path={path} invitation={invitation.data} />;
}

function Accept({ path, invitation }: { path: string; invitation: Invitation }) {
  const enter = useEnter();
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const problem = passwordProblem(password);
    setError(problem);
    if (problem) return;
    setBusy(true);
    try {
      enter(await post<Session>(path, { password }));
    } catch (failure) {
      setError(problemText(failure));
      setBusy(false);
    }
  };
  return (
    <EntryPage
      title={`Join ${invitation.organization}`}
      intro={`${invitation.name}, choose a password and you are in.`}
    >
      <form onSubmit={submit} className="flex flex-col gap-3.5">
        <TextField label="E-mail" type="email" autoComplete="username" value={invitation.email} readOnly />
        <TextField
          label="Password"
          type="password"
          autoComplete="new-password"
          autoFocus
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          help={`At least ${SHORTEST_PASSWORD} characters.`}
          error={error}
        />
        <Button kind="primary" type="submit" busy={busy} className="mt-1 h-9! w-full">
          Join
        </Button>
      </form>
    </EntryPage>
  );
}
