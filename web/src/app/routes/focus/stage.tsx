/** One item: what is judged at the left, what is asked at the right, the whole trace on demand. */
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { type FocusEvent, type ReactNode, useEffect, useMemo, useState } from "react";
import { usePlace } from "@/api/place.ts";
import { ApiError } from "@/api/problem.ts";
import { spanQuery, traceQuery } from "@/api/queries.ts";
import type { Role, SpanLine } from "@/api/types.ts";
import { useKnownTags } from "@/api/use-known-tags.ts";
import type { Item } from "@/features/focus/items.ts";
import { Expected } from "@/features/review/expected.tsx";
import { type Finished, FocusPanel } from "@/features/review/focus-panel.tsx";
import type { OnEdit } from "@/features/review/scope.tsx";
import { plainAnswer } from "@/features/trace/messages.ts";
import { Reading } from "@/features/trace/reading.tsx";
import { buildTree, readingOrder } from "@/features/trace/span-tree.ts";
import { TreePanel } from "@/features/trace/tree-panel.tsx";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { may, whyNot } from "@/lib/role.ts";
import type { Person, ReviewSession } from "@/sync/session.ts";
import { useReview, useShowing } from "@/sync/use-review.ts";
import { Button } from "@/ui/button.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";
import { Failed, NO_SCORES, Opening, Scope, useScores } from "../trace/review-states.tsx";

interface Props {
  item: Item;
  me: Person;
  role: Role;
  form: boolean;
  onForm: () => void;
  advance: boolean;
  start: string | undefined;
  wanted: { question: string; serial: number } | null;
  onQuestion: (id: string | null) => void;
  onEdit: OnEdit;
  onFinished: (finished: Finished) => void;
  onSkip: () => void;
  onNext: () => void;
  /** The whole trace is folded in. */
  spans: boolean;
  onSpans: (open: boolean) => void;
  /** Tells whose review is open, for presence at the top of the page. */
  onSession: (session: ReviewSession | null) => void;
}

const NO_SPANS: SpanLine[] = [];
const NOBODY = new Map<string, { id: string; name: string }[]>();

export function Stage(props: Props) {
  const { item, me, role, spans, onSpans, onSession } = props;
  const { object, row } = item;
  const isRecord = usePlace().noun === "record";
  const event = useQuery(spanQuery(object, row));
  const root = item.root ?? event.data?.root_span_id ?? "";
  const trace = useQuery({ ...traceQuery(object, root), enabled: root !== "" });
  const lines = trace.data && !trace.isPlaceholderData ? trace.data.spans : NO_SPANS;
  const order = useMemo(() => readingOrder(buildTree(lines)), [lines]);
  const own = order.find((line) => line.id === row) ?? null;
  const [seen, setSeen] = useState<string | null>(null);
  // On a phone the spans cover the page: whoever has chosen one wants to read it.
  const [covered, setCovered] = useState(true);
  const other = (spans && order.find((line) => line.id === seen && line.id !== row)) || null;
  const otherEvent = useQuery({ ...spanQuery(object, other?.id ?? ""), enabled: other !== null });
  const [raw, setRaw] = useState(false);
  const [marks, setMarks] = useState(true);

  const reference = useMemo(() => ({ ...object, row_id: row }), [object, row]);
  const review = useReview(reference, me, may(role, "review"));
  const session = review.kind === "ready" ? review.session : null;
  useShowing(session, row);
  useEffect(() => onSession(session), [onSession, session]);
  const scores = useScores(event.data);
  const knownTags = useKnownTags(lines);

  const back = () => {
    setSeen(null);
    setCovered(true);
    if (!covered) onSpans(false);
  };
  const step = (by: 1 | -1) => {
    const at = order.findIndex((line) => line.id === (other?.id ?? row));
    const next = order[at + by];
    if (next) setSeen(next.id);
  };
  useCommand("trace.raw", () => setRaw(!raw));
  useCommand("trace.diff", () => setMarks(!marks));
  useCommand("span.next", () => step(1), spans && order.length > 1);
  useCommand("span.previous", () => step(-1), spans && order.length > 1);

  const onFocusCapture = (focus: FocusEvent) => {
    const field = (focus.target as HTMLElement).closest<HTMLElement>("[data-field]");
    session?.move({ focus: field?.dataset.row === row ? (field?.dataset.field ?? null) : null });
  };

  const canOpen = !isRecord && root !== "";
  return (
    <div
      className="relative flex min-h-0 flex-1 max-md:flex-col max-md:overflow-y-auto"
      onFocusCapture={onFocusCapture}
      onBlurCapture={(blur) => {
        if (!blur.relatedTarget) session?.move({ focus: null });
      }}
    >
      {spans && covered && canOpen && (
        <section
          aria-label="Spans"
          className="flex min-h-0 w-[312px] flex-none flex-col border-r border-line bg-surface max-xl:absolute max-xl:inset-y-0 max-xl:left-0 max-xl:z-20 max-xl:shadow-2 max-md:fixed max-md:inset-0 max-md:w-full"
        >
          <div className="flex flex-none items-center justify-between px-3 pt-2">
            <h2 className="font-medium">Whole trace</h2>
            <Button kind="ghost" command="focus.trace" onClick={() => onSpans(false)}>
              Fold
            </Button>
          </div>
          {trace.isPending || trace.isPlaceholderData ? (
            <SkeletonRows rows={10} height={30} label="Loading spans" />
          ) : (
            <TreePanel
              spans={lines}
              truncated={trace.data?.truncated ?? false}
              selected={other ?? own}
              viewer={me.id}
              peopleOn={NOBODY}
              onSelect={(line) => {
                setSeen(line.id);
                if (matchMedia("(max-width: 767px)").matches) setCovered(false);
              }}
              onEnter={() => onSpans(false)}
            />
          )}
        </section>
      )}
      <main className="min-h-0 min-w-0 flex-1 bg-surface max-md:flex-none md:overflow-y-auto" key={row}>
        {other ? (
          <>
            <p className="sticky top-0 z-10 flex items-center gap-2 border-b border-line bg-warn-soft px-4 py-1.5 text-warn">
              <span className="min-w-0 flex-1 truncate">
                {other.name ?? "A span"} of the same trace. The questions are about {own?.name ?? "the item"}.
              </span>
              <Button onClick={back} icon={<ArrowLeft className="icon" aria-hidden="true" />}>
                Back to the item
              </Button>
            </p>
            {otherEvent.data ? (
              <Reading event={otherEvent.data} isRecord={false} raw={raw} expected={null} onTrace={null} />
            ) : (
              <SkeletonRows rows={6} height={48} label="Loading the span" />
            )}
          </>
        ) : event.data ? (
          <Reading
            event={event.data}
            isRecord={isRecord}
            raw={raw}
            onTrace={canOpen ? () => (covered ? onSpans(!spans) : setCovered(true)) : null}
            expected={
              session && (
                <Scope key={row} session={session} row={row} role={role} onEdit={props.onEdit}>
                  <div className="overflow-hidden rounded-option border border-line-2 bg-bg [&>*]:border-t-0! [&_.cm-editor]:text-[15px]! [&_.cm-scroller]:leading-[25px]!">
                    <Expected
                      event={event.data}
                      answer={plainAnswer(event.data.output)}
                      marks={marks && !isRecord}
                      beside={false}
                    />
                  </div>
                </Scope>
              )
            }
          />
        ) : event.isError ? (
          <Gone error={event.error} retry={() => void event.refetch()} />
        ) : (
          <div className="mx-auto max-w-[752px] px-6 pt-12">
            <SkeletonRows rows={6} height={48} label="Loading the item" />
          </div>
        )}
      </main>
      <aside
        aria-label="Human review"
        className="flex min-h-0 w-[432px] flex-none flex-col border-line bg-bg max-xl:w-[384px] max-lg:w-[352px] max-md:w-full max-md:border-t max-md:pb-20 md:border-l"
      >
        {review.kind === "failed" ? (
          <Way {...props}>
            <Failed error={review.error} retry={review.retry} />
          </Way>
        ) : event.isError && !event.data ? (
          <Way {...props}>{null}</Way>
        ) : session && event.data && !scores.isPending ? (
          <Scope key={row} session={session} row={row} role={role} onEdit={props.onEdit}>
            <FocusPanel
              {...props}
              scores={scores.data ?? NO_SCORES}
              event={event.data}
              knownTags={knownTags}
              readOnly={may(role, "review") ? null : whyNot("review")}
            />
          </Scope>
        ) : (
          <Opening />
        )}
      </aside>
    </div>
  );
}

/** Where there is nothing to answer, the way on stays. */
function Way({ children, onSkip, onNext }: Props & { children: ReactNode }) {
  useCommand("focus.skip", onSkip);
  useCommand("review.complete", onNext);
  return (
    <>
      <div className="flex-1">{children}</div>
      <footer className="flex gap-2 border-t border-line px-5 py-3">
        <Button className="h-9! coarse:h-11!" command="focus.skip" onClick={onSkip}>
          Skip
        </Button>
        <Button
          kind="primary"
          className="h-9! flex-1! coarse:h-11!"
          command="review.complete"
          onClick={onNext}
        >
          Next
        </Button>
      </footer>
    </>
  );
}

function Gone({ error, retry }: { error: unknown; retry: () => void }) {
  if (error instanceof ApiError && error.status === 404) {
    return (
      <EmptyState title="This item is gone">
        It was deleted after the list was read. Its review is kept; the next item is a key away.
      </EmptyState>
    );
  }
  return <ErrorState what="This item could not be loaded" error={error} retry={retry} />;
}
