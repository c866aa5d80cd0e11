/** A record beside its list, to be edited in place: expected and tags by its review, input and metadata by its row. */
import { useQuery } from "@tanstack/react-query";
import { Maximize2, X } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { usePlace } from "@/api/place.ts";
import { spanQuery } from "@/api/queries.ts";
import type { RecordOrigin } from "@/api/types.ts";
import { useKnownTags } from "@/api/use-known-tags.ts";
import { useSession } from "@/api/use-session.ts";
import { ValueField } from "@/features/datasets/value-field.tsx";
import { useNotices } from "@/features/review/use-notices.ts";
import { runCommand } from "@/lib/commands/dispatch.ts";
import type { CommandId } from "@/lib/commands/table.ts";
import { may } from "@/lib/role.ts";
import { people } from "@/sync/presence.ts";
import { usePeers, useReview, useShowing } from "@/sync/use-review.ts";
import { AppLink } from "@/ui/app-link.tsx";
import { AvatarRow } from "@/ui/avatar.tsx";
import { Button, buttonClass } from "@/ui/button.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { ErrorState } from "@/ui/states.tsx";
import { useFreshness } from "../trace/follow.ts";
import { ExpectedPart, TagsPart } from "../trace/review-parts.tsx";

interface Props {
  row: string;
  /** What of it the hand was on. */
  field: string | undefined;
  source: (origin: RecordOrigin) => string;
  onClose: () => void;
  /** The list shows something else now. */
  onChanged: () => void;
}

const NO_ROWS: never[] = [];

/** Cells whose values are in the review's document, by what begins their editing. */
const EDITED: Record<string, CommandId | undefined> = { expected: "expected.edit", tags: "tags.edit" };

/** Esc closes it, from anywhere that does not want the key itself. */
function useEscape(close: () => void) {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const inside = (event.target as Element | null)?.closest?.(
        "input, textarea, .cm-editor, [role=dialog], [role=menu]",
      );
      if (event.key === "Escape" && !event.defaultPrevented && !inside) latest.current();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

/** Where the row of a record came from, if it says so. */
function originOf(value: unknown): RecordOrigin | null {
  const origin = value as Partial<RecordOrigin> | null | undefined;
  return origin?.object_type && origin.object_id && origin.id ? (origin as RecordOrigin) : null;
}

export function RecordPanel({ row, field, source, onClose, onChanged }: Props) {
  const { user, role } = useSession();
  const { object, trace } = usePlace();
  const me = useMemo(() => ({ id: user.id, name: user.name }), [user.id, user.name]);
  const event = useQuery(spanQuery(object, row));
  const review = useReview({ ...object, row_id: row }, me, may(role, "review"));
  const session = review.kind === "ready" ? review.session : null;
  const peers = usePeers(session);
  const here = useMemo(() => people(peers, me.id), [peers, me.id]);
  const knownTags = useKnownTags(NO_ROWS);
  useNotices();
  useShowing(session, row);
  const record = event.data;
  useFreshness(session, record?.root_span_id ?? row, object.object_id, row);
  useEscape(onClose);

  // Whoever pressed a cell wants to type there.
  const panel = useRef<HTMLElement>(null);
  const ready = record !== undefined;
  useEffect(() => {
    if (!ready) return;
    const wanted = field && panel.current?.querySelector<HTMLElement>(`[data-record-field="${field}"]`);
    (wanted || panel.current)?.focus();
  }, [ready, field]);
  // What is in the review shows in the list as well, once things are quiet.
  const shown = record && JSON.stringify([record.expected, record.tags]);
  const told = useRef(shown);
  const changed = useRef(onChanged);
  changed.current = onChanged;
  useEffect(() => {
    if (told.current !== undefined && told.current !== shown) changed.current();
    told.current = shown;
  }, [shown]);
  const open = session !== null && ready;
  useEffect(() => {
    const edit = field && EDITED[field];
    if (!open || !edit) return;
    // After the parts that offer the command have been drawn.
    const timer = setTimeout(() => runCommand(edit), 50);
    return () => clearTimeout(timer);
  }, [open, field]);

  const mayEdit = may(role, "review");
  const parts = { review, row, event: record, role };
  const origin = originOf(record?.origin);
  const values = { object, row, mayEdit, onWritten: onChanged };
  return (
    <aside
      ref={panel}
      aria-label="Record"
      tabIndex={-1}
      className="flex w-full flex-none flex-col overflow-y-auto border-l border-line bg-surface outline-none max-lg:absolute max-lg:inset-0 max-lg:z-10 lg:w-[460px]"
    >
      <header className="sticky top-0 z-[1] flex h-11 flex-none items-center gap-1.5 border-b border-line bg-surface pr-2 pl-4">
        <h2 className="min-w-0 flex-1 truncate font-semibold">Record</h2>
        <AvatarRow people={here.map((peer) => peer.user)} viewer={me.id} label="Here now" />
        {record && (
          <AppLink
            href={trace(record.root_span_id, { s: record.span_id })}
            aria-label="Open the whole record"
            title="Open the whole record (Enter)"
            className={buttonClass("ghost", true)}
          >
            <Maximize2 className="icon" aria-hidden="true" />
          </AppLink>
        )}
        <Button
          kind="ghost"
          square
          aria-label="Close the record"
          aria-keyshortcuts="Escape"
          onClick={onClose}
          icon={<X className="icon" aria-hidden="true" />}
        />
      </header>
      {event.isPending && <SkeletonRows rows={5} height={56} label="Loading the record" />}
      {event.isError && !record && (
        <ErrorState
          what="The record could not be loaded"
          error={event.error}
          retry={() => void event.refetch()}
        />
      )}
      {record && (
        <>
          <ValueField
            key={`input ${row}`}
            {...values}
            field="input"
            label="Input"
            value={record.input ?? null}
          />
          <ExpectedPart {...parts} answer={null} marks={false} />
          <ValueField
            key={`metadata ${row}`}
            {...values}
            field="metadata"
            label="Metadata"
            value={record.logged?.metadata ?? null}
          />
          <TagsPart {...parts} knownTags={knownTags} />
          <p className="border-t border-line px-4 py-2.5 text-small text-ink-3">
            {origin ? (
              <>
                Came from <AppLink href={source(origin)}>{sourceWords(origin)}</AppLink>
              </>
            ) : (
              "It was not made of a trace."
            )}
          </p>
        </>
      )}
    </aside>
  );
}

function sourceWords({ object_type }: RecordOrigin): string {
  if (object_type === "project_logs") return "a trace of the logs";
  return object_type === "experiment" ? "a trace of an experiment" : "another dataset";
}
