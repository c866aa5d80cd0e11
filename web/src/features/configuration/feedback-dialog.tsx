import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { feedbackKeysQuery, makeFeedbackKey } from "@/api/configuration.ts";
import { problemText } from "@/api/problem.ts";
import { scoresQuery } from "@/api/queries.ts";
import { plainText } from "@/lib/plain-text.ts";
import { Check } from "@/ui/check.tsx";
import { CopyField } from "@/ui/copy-field.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { TextArea } from "@/ui/field.tsx";
import { snippet } from "./feedback-snippet.ts";
import { FormFoot } from "./form-foot.tsx";
import { SecretDialog } from "./secret-dialog.tsx";

/** Makes a feedback key and shows it once, with what a page needs to use it. */
export function FeedbackDialog({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const queries = useQueryClient();
  const scores = useQuery(scoresQuery(projectId));
  // End users give numbers; what writes to the row itself is for reviewers.
  const offered = (scores.data ?? []).filter(
    ({ score_type, config }) =>
      ["slider", "categorical"].includes(score_type) && config?.destination !== "expected",
  );
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
      <SecretDialog
        what="key"
        description="It is shown this once. Feedback of end users appears as external beside the scores of reviewers."
        width={720}
        onClose={onClose}
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
      </SecretDialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title="New feedback key" width={460}>
      <form onSubmit={submit} className="flex flex-col gap-3.5">
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-small font-medium text-ink-2">Scores that it may give</legend>
          {scores.data && offered.length === 0 && (
            <p className="text-ink-2">There is no slider or choice yet. Make one under Scores first.</p>
          )}
          {offered.map(({ id, name, description }) => (
            <Check
              key={id}
              label={name}
              {...(description ? { help: plainText(description) } : {})}
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
        <FormFoot error={error} busy={busy} verb="Make the key" onClose={onClose} />
      </form>
    </Dialog>
  );
}
