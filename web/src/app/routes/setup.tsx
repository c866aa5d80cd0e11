import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { post } from "@/api/client.ts";
import { problemText } from "@/api/problem.ts";
import { setupQuery } from "@/api/queries.ts";
import type { Session } from "@/api/types.ts";
import { EntryPage } from "@/features/entry/entry-page.tsx";
import { passwordProblem, SHORTEST_PASSWORD } from "@/features/entry/password.ts";
import { useEnter } from "@/features/entry/use-enter.ts";
import { Button, buttonClass } from "@/ui/button.tsx";
import { TextField } from "@/ui/field.tsx";
import { ErrorState } from "@/ui/states.tsx";

const route = getRouteApi("/setup");

export function SetupPage() {
  const { token } = route.useSearch();
  const setup = useQuery(setupQuery);
  if (setup.isError) {
    return (
      <EntryPage title="Set up">
        <ErrorState
          what="The server could not be asked"
          error={setup.error}
          retry={() => void setup.refetch()}
        />
      </EntryPage>
    );
  }
  if (setup.data && !setup.data.needed) {
    return (
      <EntryPage title="This server is set up">
        <p className="text-ink-2">It has an owner already. Members are invited by the owner.</p>
        <Link to="/sign-in" className={`${buttonClass("primary")} mt-5`}>
          Sign in
        </Link>
      </EntryPage>
    );
  }
  if (!token) {
    return (
      <EntryPage title="Set up Concord">
        <p className="text-ink-2">
          The link is not complete: it must end in <code className="mono">?token=…</code>. The server printed
          it when it started.
        </p>
      </EntryPage>
    );
  }
  return (
    <EntryPage title="Set up Concord" intro="You become the owner of this server's first organization.">
      <SetupForm token={token} />
    </EntryPage>
  );
}

function SetupForm({ token }: { token: string }) {
  const enter = useEnter();
  const [form, setForm] = useState({ organization: "", name: "", email: "", password: "" });
  const [weak, setWeak] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const field = (name: keyof typeof form) => ({
    value: form[name],
    required: true,
    onChange: (event: { target: { value: string } }) => setForm({ ...form, [name]: event.target.value }),
  });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const problem = passwordProblem(form.password);
    setWeak(problem);
    setError(null);
    if (problem) return;
    setBusy(true);
    try {
      enter(await post<Session>("/api/setup", { token, ...form, email: form.email.trim() }));
    } catch (failure) {
      setError(problemText(failure));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3.5">
      <TextField label="Organization" autoComplete="organization" autoFocus {...field("organization")} />
      <TextField label="Your name" autoComplete="name" {...field("name")} />
      <TextField label="E-mail" type="email" autoComplete="username" {...field("email")} />
      <TextField
        label="Password"
        type="password"
        autoComplete="new-password"
        help={`At least ${SHORTEST_PASSWORD} characters.`}
        error={weak}
        {...field("password")}
      />
      {error && (
        <p role="alert" className="font-medium text-fail">
          {error}
        </p>
      )}
      <Button kind="primary" type="submit" busy={busy} className="mt-1 h-9! w-full">
        Make the organization
      </Button>
    </form>
  );
}
