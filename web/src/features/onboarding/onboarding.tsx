import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { post } from "@/api/client.ts";
import { problemText } from "@/api/problem.ts";
import { keysQuery } from "@/api/queries.ts";
import { useSession } from "@/api/use-session.ts";
import { may, whyNot } from "@/lib/role.ts";
import { Button } from "@/ui/button.tsx";
import { CopyField } from "@/ui/copy-field.tsx";
import { Segmented } from "@/ui/segmented.tsx";
import { type Language, sample } from "./sample.ts";

function Step({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  return (
    <li className="grid grid-cols-[28px_minmax(0,1fr)] pb-7">
      <span
        className="num grid size-5 place-items-center rounded-full bg-sunken text-micro font-semibold text-ink-2"
        aria-hidden="true"
      >
        {number}
      </span>
      <div>
        <h3 className="font-semibold">{title}</h3>
        <div className="mt-1.5 flex flex-col gap-2">{children}</div>
      </div>
    </li>
  );
}

/** Three steps from nothing to the first trace. The page around it notices the trace by itself. */
export function Onboarding({ project }: { project: string }) {
  const session = useSession();
  const queries = useQueryClient();
  const [key, setKey] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [language, setLanguage] = useState<Language>("python");
  const lines = sample(language, session.public_url, project, key ?? "the key of step 1");
  const allowed = may(session.role, "make-keys");

  const makeKey = async () => {
    setBusy(true);
    setError(null);
    try {
      const made = await post<{ id: string; key: string }>("/api/key", {
        name: `first traces of ${project}`,
      });
      setKey(made.key);
      await queries.invalidateQueries({ queryKey: keysQuery.queryKey });
    } catch (failure) {
      setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="mx-auto max-w-[680px] px-6 py-10">
      <h2 className="text-title font-semibold tracking-[-.01em]">No traces in {project} yet</h2>
      <p className="mt-1 mb-7 text-ink-2">Send one with the client you already use.</p>
      <ol>
        <Step number={1} title="Make a key">
          {key ? (
            <>
              <CopyField label="API key" value={key} />
              <p className="text-small text-ink-3">It is shown this once. Keep it where your app finds it.</p>
            </>
          ) : (
            <div>
              <Button
                kind="primary"
                onClick={makeKey}
                busy={busy}
                disabled={!allowed}
                aria-describedby="why-no-key"
              >
                Make a key
              </Button>
              {!allowed && (
                <p id="why-no-key" className="mt-1.5 text-small text-ink-3">
                  {whyNot("make-keys")}
                </p>
              )}
            </div>
          )}
          {error && (
            <p role="alert" className="font-medium text-fail">
              {error}
            </p>
          )}
        </Step>
        <Step number={2} title="Send a trace">
          <div>
            <Segmented
              label="Language"
              value={language}
              onChange={setLanguage}
              options={[
                { value: "python", label: "Python" },
                { value: "typescript", label: "TypeScript" },
              ]}
            />
          </div>
          <CopyField label="install command" value={lines.install} />
          <CopyField label="code" value={lines.code} lines />
        </Step>
        <Step number={3} title="See it here">
          <p role="status" className="flex items-center gap-2 text-ink-2">
            <i className="size-1.5 animate-pulse rounded-full bg-accent" aria-hidden="true" />
            Waiting for the first trace. It shows here by itself.
          </p>
        </Step>
      </ol>
    </div>
  );
}
