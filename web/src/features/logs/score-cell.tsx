import type { ProjectScore, TraceLine } from "@/api/types.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { Chip } from "@/ui/chip.tsx";
import type { CellContext } from "./columns.tsx";
import { isSplit, judgements, scoreText, scoreTone } from "./score-text.ts";
import { useFlash } from "./use-flash.ts";

/** Initials of more people than this are counted instead. */
const FACES = 2;

interface Props {
  row: TraceLine;
  name: string;
  score: ProjectScore | undefined;
  context: CellContext;
}

/**
 * The effective value of a score. What people gave carries their initials and colour; what a machine gave is
 * plain ink.
 */
export function ScoreCell({ row, name, score, context }: Props) {
  const { person, viewer } = context;
  const value = row.scores[name];
  const given = judgements(row.human, name);
  const flash = useFlash(row.id, [value, given]);
  const text = scoreText(value, score);
  if (text === "" && given.length === 0) return null;
  if (given.length === 0 || value === null || value === undefined) {
    return (
      <span key={flash} className={flash > 0 ? fade : undefined}>
        <span className="num text-ink-2">{text}</span>
        <span className="sr-only">, not by a person</span>
      </span>
    );
  }
  const split = isSplit(
    given.map((one) => one.value),
    score,
  );
  const names = given.map((one) => `${person(one.reviewer).name}: ${scoreText(one.value, score)}`).join(", ");
  return (
    <span key={flash} className={`flex min-w-0 items-center gap-1.5 ${flash > 0 ? fade : ""}`} title={names}>
      <span className="flex flex-none [&>span+span]:-ml-0.5" aria-hidden="true">
        {given.slice(0, FACES).map((one) => (
          <Avatar
            key={one.reviewer}
            id={one.reviewer}
            name={person(one.reviewer).name}
            viewer={viewer}
            small
            labelled={false}
          />
        ))}
      </span>
      {given.length > FACES && <span className="num text-micro text-ink-3">+{given.length - FACES}</span>}
      {split ? (
        <Chip tone="warn">{`Split ${Math.round(value * 100)}%`}</Chip>
      ) : (
        <Chip tone={scoreTone(value)}>{text}</Chip>
      )}
      <span className="sr-only">{names}</span>
    </span>
  );
}

const fade = "rounded-chip [animation:tint_1.2s_ease-out]";
