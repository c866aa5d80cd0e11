import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { feedbackKeysQuery, makeFeedbackKey } from "@/api/configuration.ts";
import { problemText } from "@/api/problem.ts";
import { scoresQuery } from "@/api/queries.ts";
import { Button } from "@/ui/button.tsx";
import { Check } from "@/ui/check.tsx";
import { CopyField } from "@/ui/copy-field.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { TextArea } from "@/ui/field.tsx";
import { snippet } from "./feedback-snippet.ts";

/** Makes a feedback key and shows it once, with what a page needs to use it. */
export function FeedbackDialog({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const queries = useQueryClient();
  const scores = useQuery(scoresQuery(projectId));
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [origins, setOrigins] = useState("");
  const [key, setKey] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (chosen.length === 0) return setError("Choose at least one score that the key may give.");
    setBusy(true);
    setError(null);
    try {
      const pages = origins.split(/[\s,]+/).filter((origin) => origin !== "");
      setKey((await makeFeedbackKey(projectId, [...chosen], pages)).key);
      await queries.invalidateQueries({ queryKey: feedbackKeysQuery.queryKey });
    } catch (failure) {
      setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };
  if (key) {
    return (
      <Dialog
        open
        onClose={onClose}
        closable={false}
        title="Copy the key now"
        description="It is shown this once. Feedback of end users appears as external beside the scores of reviewers."
        width={720}
        actions={
          <Button kind="primary" onClick={onClose}>
            I have it
          </Button>
        }
      >
        <div className="flex flex-col gap-3">
          <CopyField label="feedback key" value={key} />
          <p className="text-ink-2">For a web page:</p>
          <CopyField
            label="snippet for a page"
            value={snippet({ server: location.origin, projectId, key, scores: chosen })}
            lines
          />
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title="New feedback key" width={460}>
      <form onSubmit={submit} className="flex flex-col gap-3.5">
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-small font-medium text-ink-2">Scores that it may give</legend>
          {scores.data?.length === 0 && (
            <p className="text-ink-2">There is no score yet. Make one under Scores first.</p>
          )}
          {(scores.data ?? []).map(({ id, name, description }) => (
            <Check
              key={id}
              label={name}
              {...(description ? { help: description } : {})}
              checked={chosen.includes(name)}
              onChange={(on) => setChosen(on ? [...chosen, name] : chosen.filter((one) => one !== name))}
            />
          ))}
        </fieldset>
        <TextArea
          label="Pages that may use it"
          value={origins}
          onChange={(event) => setOrigins(event.target.value)}
          help="Origins such as https://shop.example.com, one on a line. Without any, every page may."
          rows={3}
        />
        {error && (
          <p role="alert" className="text-small font-medium text-fail">
            {error}
          </p>
        )}
        <div className="mt-1 flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            Make the key
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
