import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { post } from "@/api/client.ts";
import { ApiError, problemText } from "@/api/problem.ts";
import { setupQuery } from "@/api/queries.ts";
import type { Session } from "@/api/types.ts";
import { EntryPage } from "@/features/entry/entry-page.tsx";
import { SignInForm } from "@/features/entry/sign-in-form.tsx";
import { useEnter } from "@/features/entry/use-enter.ts";
import { buttonClass } from "@/ui/button.tsx";

const route = getRouteApi("/sign-in");

export function SignInPage() {
  const search = route.useSearch();
  const enter = useEnter();
  if (search.token) return <TokenSignIn token={search.token} />;
  return <PasswordSignIn onEnter={(session) => enter(session, search.return)} />;
}

function PasswordSignIn({ onEnter }: { onEnter: (session: Session) => void }) {
  const setup = useQuery(setupQuery);
  if (setup.data?.needed) {
    return (
      <EntryPage title="This server has no owner yet">
        <p className="text-ink-2">
          It printed a set-up link when it started. Open that link to make the organization and its first
          owner.
        </p>
      </EntryPage>
    );
  }
  return (
    <EntryPage title="Sign in">
      <SignInForm onEnter={onEnter} />
    </EntryPage>
  );
}

/** A sign-in link: no form, the token is the proof. */
function TokenSignIn({ token }: { token: string }) {
  const enter = useEnter();
  const [error, setError] = useState<unknown>(null);
  const sent = useRef(false);
  useEffect(() => {
    if (sent.current) return;
    sent.current = true;
    post<Session>("/api/session", { token }).then((session) => enter(session), setError);
  }, [token, enter]);
  if (!error) {
    return (
      <EntryPage title="Signing in">
        <p className="text-ink-2" role="status">
          One moment.
        </p>
      </EntryPage>
    );
  }
  const stale = error instanceof ApiError && error.status === 401;
  return (
    <EntryPage title={stale ? "This sign-in link no longer works" : "Could not sign in"}>
      <p className="text-ink-2" role="alert">
        {stale ? "It was used up or the server was started anew. Ask for a new link." : problemText(error)}
      </p>
      <Link to="/sign-in" className={`${buttonClass()} mt-5`}>
        Sign in with a password
      </Link>
    </EntryPage>
  );
}
