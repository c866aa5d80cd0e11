import { ApiError, problemText } from "@/api/problem.ts";

/** What is wrong with a filter, under the place where it is. */
export function ProblemMark({ id, text, error }: { id: string; text: string; error: unknown }) {
  const position = error instanceof ApiError ? error.problem.position : undefined;
  const line = position ? (text.split("\n")[position.line - 1] ?? "") : "";
  // Characters are code points; a long line is cut so that the place stays in sight.
  const letters = [...line];
  const at = Math.min(letters.length, Math.max(0, (position?.column ?? 1) - 1));
  const start = Math.max(0, at - 60);
  return (
    <div id={id} role="alert" className="flex flex-col gap-0.5 px-2.5 py-2 text-small">
      {position && (
        <pre aria-hidden="true" className="mono overflow-x-auto text-code text-ink-2">
          {start > 0 && "…"}
          {letters.slice(start, at).join("")}
          <mark className="rounded-[2px] bg-fail-soft text-fail underline decoration-wavy underline-offset-2">
            {letters.slice(at, at + 24).join("") || "\u2009here"}
          </mark>
          {letters.slice(at + 24, at + 60).join("")}
        </pre>
      )}
      <p className="font-medium whitespace-pre-line text-fail">{problemText(error)}</p>
    </div>
  );
}
