import type { ProjectScore } from "@/api/types.ts";
import { count, percent } from "@/lib/format.ts";
import type { Metrics, SourceFigures } from "@/live/metrics.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { orderedScores, reviewParts } from "./metrics-text.ts";

const th = "h-7 border-b border-line px-2 text-left text-micro font-medium text-ink-3 first:pl-0";
const td = "num h-8 border-b border-line px-2 first:pl-0";

/** "62% of 41", "41" for values that are no numbers, "none". */
function sourceText(source: SourceFigures | undefined): string {
  if (!source || source.count === 0) return "none";
  return source.mean === null ? count(source.count) : `${percent(source.mean)} of ${count(source.count)}`;
}

interface Props {
  open: boolean;
  onClose: () => void;
  data: Metrics;
  scores: readonly ProjectScore[];
}

/** The same figures as a table: exact, readable by every means, easy to copy. */
export function MetricsTable({ open, onClose, data, scores }: Props) {
  return (
    <Dialog open={open} onClose={onClose} title="Figures" width={720}>
      <p className="mb-3 text-ink-2">
        {count(data.rows)} spans;{" "}
        {reviewParts(data.review)
          .map((part) => `${count(part.value)} ${part.word}`)
          .join(", ")}
        ; {count(data.comments)} comments; expected set on {count(data.expected)} rows.
      </p>
      <div className="overflow-x-auto" tabIndex={0} role="group" aria-label="Scores, scrollable">
        <table className="w-full border-collapse whitespace-nowrap">
          <thead>
            <tr>
              {["Score", "Rows", "Mean", "Lowest", "Highest", "People", "End users", "Logged"].map((head) => (
                <th key={head} scope="col" className={th}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {orderedScores(data, scores).map(([name, score]) => (
              <tr key={name}>
                <th scope="row" className={`${td} text-left font-medium`}>
                  {name}
                </th>
                <td className={td}>{count(score.count)}</td>
                <td className={td}>{percent(score.mean)}</td>
                <td className={td}>{percent(score.min)}</td>
                <td className={td}>{percent(score.max)}</td>
                {(["human", "external", "logged"] as const).map((key) => {
                  const source = score.by_source[key];
                  return (
                    <td key={key} className={td}>
                      {sourceText(source)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Dialog>
  );
}
