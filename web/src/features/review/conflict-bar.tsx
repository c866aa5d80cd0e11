import { useQuery } from "@tanstack/react-query";
import { GitFork } from "lucide-react";
import { when } from "@/lib/format.ts";
import { type Conflict, changeOf, type Rival } from "@/sync/conflicts.ts";
import { parsePointer } from "@/sync/document.ts";
import { settle } from "@/sync/edit.ts";
import { Button } from "@/ui/button.tsx";
import { useScope } from "./scope.tsx";
import { historyQuery } from "./use-history.ts";

/** Values that people wrote in one place at the same moment. Both are kept; choosing one settles it. */
export function ConflictBar({ conflict }: { conflict: Conflict }) {
  const { session, me, mayEdit, person, edit } = useScope();
  const { data: history } = useQuery(historyQuery(session.documentId));
  const inside = parsePointer(conflict.path).slice(2).join(" › ");

  const authorOf = (rival: Rival): { id: string; at: number } | null => {
    const change = changeOf(session.handle.doc(), rival.op);
    if (!change) return null;
    if (session.isOwnActor(change.actor)) return { id: me, at: change.at };
    const entry = history?.find((item) => item.hash === change.hash);
    return entry ? { id: (entry.on_behalf_of ?? entry.actor).id, at: change.at } : null;
  };
  const keep = (rival: Rival) =>
    edit((draft) => settle(draft, parsePointer(conflict.path), rival.value, me, new Date()));

  return (
    <section aria-label="Two versions" className="border-t border-line bg-warn-soft px-3.5 py-2.5">
      <p className="flex items-center gap-1.5 text-small font-semibold text-warn">
        <GitFork className="icon" aria-hidden="true" />
        {conflict.rivals.length === 2 ? "Two versions" : `${conflict.rivals.length} versions`}
        {inside && <span className="mono font-normal">{inside}</span>}
        <span className="font-normal text-ink-2">
          written at the same moment; both are kept until you choose.
        </span>
      </p>
      <ul className="mt-1.5 flex flex-col gap-1.5">
        {conflict.rivals.map((rival) => {
          const author = authorOf(rival);
          const mine = author?.id === me;
          const name = author ? person(author.id).name : "Somebody else";
          return (
            <li key={rival.op} className="flex items-start gap-2">
              <p className="line-clamp-6 min-w-0 flex-1 [overflow-wrap:anywhere]">
                <span className="text-small text-ink-2">
                  {mine ? "You" : name}
                  {author && author.at > 0 && `, ${when(new Date(author.at), new Date())}`}:{" "}
                </span>
                {typeof rival.value === "string" ? rival.value : JSON.stringify(rival.value)}
              </p>
              {mayEdit && (
                <Button onClick={() => keep(rival)}>
                  {mine ? "Keep mine" : author ? `Take ${name.split(" ")[0]}’s` : "Take this"}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
