/** Focused review: one item after another, and nothing else on screen. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { logsPlace, objectPlace, type Place, PlaceContext } from "@/api/place.ts";
import { objectByIdQuery } from "@/api/queries.ts";
import { useProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { EndScreen } from "@/features/focus/end-screen.tsx";
import { FocusTop } from "@/features/focus/focus-top.tsx";
import type { Item } from "@/features/focus/items.ts";
import { KeyBar } from "@/features/focus/key-bar.tsx";
import { doneWords } from "@/features/focus/words.ts";
import type { Finished } from "@/features/review/focus-panel.tsx";
import type { OnEdit } from "@/features/review/scope.tsx";
import { useNotices } from "@/features/review/use-notices.ts";
import { announce } from "@/lib/announce.ts";
import { useCommand, useEscape } from "@/lib/commands/dispatch.ts";
import { focusHref } from "@/lib/focus-href.ts";
import { listHref } from "@/lib/last-list.ts";
import { keepSitting, lastPage } from "@/lib/last-sitting.ts";
import { may } from "@/lib/role.ts";
import { isBoolean, readSetting, writeSetting } from "@/lib/storage.ts";
import { useTitle } from "@/lib/use-title.ts";
import { placeKey, useHolds } from "@/live/use-topic.ts";
import { people } from "@/sync/presence.ts";
import { changedPlaces } from "@/sync/restore.ts";
import type { ReviewSession } from "@/sync/session.ts";
import { usePeers } from "@/sync/use-review.ts";
import { Button } from "@/ui/button.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";
import { toast } from "@/ui/toasts.tsx";
import { Stage } from "./focus/stage.tsx";
import { useAhead } from "./focus/use-ahead.ts";
import { useHold } from "./focus/use-hold.ts";
import { useSitting } from "./focus/use-sitting.ts";
import { useTakeBack } from "./focus/use-take-back.ts";

const route = getRouteApi("/app/$org/p/$project/focus");

/** A switch of this person, kept on this device. */
function useSwitch(key: string, standard: boolean): [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(() => readSetting(key, standard, isBoolean));
  const set = useCallback(
    (next: boolean) => {
      setOn(next);
      writeSetting(key, next);
    },
    [key],
  );
  return [on, set];
}

export function FocusPage() {
  const search = route.useSearch();
  const { org } = route.useParams();
  const project = useProject();
  const { user, role } = useSession();
  const me = useMemo(() => ({ id: user.id, name: user.name }), [user.id, user.name]);
  const mayWrite = may(role, "review");
  const navigate = useNavigate();
  const { sitting, current } = useSitting(org, project, search);
  const { state } = sitting;
  const place = useItemPlace(org, project, search.kind, current?.object.object_id ?? search.oid);
  const [advance, setAdvance] = useSwitch("focus-advance", true);
  const [form, setForm] = useSwitch("focus-form", false);
  const [spans, setSpans] = useState(false);
  const [session, setSession] = useState<ReviewSession | null>(null);
  const question = useRef<string | null>(null);
  const onQuestion = useCallback((id: string | null) => {
    question.current = id;
  }, []);
  useNotices();
  useHold(current, mayWrite);
  useAhead(state.items, state.at, me, mayWrite);
  const wanted = useTakeBack(sitting, me, mayWrite);
  const over = current === null && state.phase === "ready" && state.items.length > 0 && state.complete;
  useTitle(over ? "Done" : `Review ${state.at + 1}`, place?.title ?? "", project.name);

  // Whoever cannot see it hears which item is in front now.
  const row = current?.row;
  const shown = useRef(row);
  useEffect(() => {
    if (row !== undefined && shown.current !== undefined && row !== shown.current)
      announce(`Item ${sitting.state.at + 1} of ${sitting.total.count}`);
    shown.current = row;
  }, [row, sitting]);

  const peers = usePeers(session);
  const here = useMemo(
    () => people(peers, me.id).filter((peer) => peer.span === current?.row),
    [peers, me.id, current?.row],
  );

  const holds = useHolds(project.id);
  const holderOf = useCallback(
    (item: Item) => {
      const holder = holds.get(placeKey(item.object.object_id, item.row));
      return holder && holder.id !== me.id ? holder : null;
    },
    [holds, me.id],
  );

  const go = useCallback((at: number) => sitting.go(at, Date.now()), [sitting]);
  const next = useCallback(() => sitting.go(sitting.state.at + 1, Date.now()), [sitting]);
  const skip = useCallback(() => {
    const item = sitting.current;
    if (!item) return;
    if (sitting.mark(item) === undefined) sitting.setMark(item, "skipped");
    sitting.steps.record({ kind: "skip", item });
    next();
  }, [sitting, next]);
  const onEdit = useCallback<OnEdit>(
    (before, after) => {
      const item = sitting.current;
      const places = changedPlaces(before, after, session?.reviewer ?? me.id);
      if (item && places.length > 0)
        sitting.steps.record({ kind: "edit", item, before, after, places, at: Date.now() });
    },
    [sitting, session, me.id],
  );
  const onFinished = useCallback(
    ({ worst, asked, split }: Finished) => {
      const mark = worst === null || worst >= 0.7 ? "done" : worst < 0.4 ? "fail" : "warn";
      sitting.finish(mark, { asked, split }, Date.now());
    },
    [sitting],
  );

  const hereHref = useCallback(
    () =>
      focusHref(org, project.name, {
        ...search,
        ...(current ? { r: current.row, o: current.object.object_id } : {}),
        ...(question.current ? { q: question.current } : {}),
      }),
    [org, project.name, search, current],
  );
  const copyLink = async () => {
    const link = new URL(hereHref(), location.origin).href;
    try {
      await navigator.clipboard.writeText(link);
      toast({ title: "Link copied", seconds: 2 });
    } catch {
      toast({ title: "Copying is not allowed here", body: link, seconds: 0 });
    }
  };
  const leave = () => {
    const list = (place ?? logsPlace(org, project)).list;
    const from = lastPage() ?? listHref(list, search.f === "is_root" ? "" : search.f);
    const { done, left, total } = sitting;
    if (state.marks.size > 0)
      keepSitting({
        from,
        words: doneWords(done, left, total.atLeast),
        href: over ? null : hereHref(),
      });
    void navigate({ href: from });
  };
  useCommand("focus.forward", next, current !== null);
  useCommand("focus.back", () => go(state.at - 1), state.at > 0);
  useCommand("focus.trace", () => setSpans(!spans), current !== null);
  useCommand("focus.form", () => setForm(!form));
  useCommand("focus.advance", () => {
    setAdvance(!advance);
    toast({ title: advance ? "Auto-advance is off" : "Auto-advance is on", seconds: 2 });
  });
  useCommand("focus.leave", leave);
  useCommand("trace.copyLink", () => void copyLink());
  useEscape(() => (spans && current ? setSpans(false) : leave()));

  const frame = (content: ReactNode) => (
    <div className="flex min-h-0 flex-1 flex-col">
      <FocusTop
        title={place?.title ?? project.name}
        filter={search.f === "is_root" ? "" : (search.f ?? "")}
        sitting={sitting}
        advance={advance}
        onAdvance={setAdvance}
        people={here.map((peer) => peer.user)}
        viewer={me.id}
        holderOf={holderOf}
        onCopyLink={() => void copyLink()}
        onLeave={leave}
      />
      {content}
    </div>
  );

  if (over) return frame(<EndScreen sitting={sitting} onGo={go} onLeave={leave} />);
  if (current && place) {
    return (
      <PlaceContext value={place}>
        {frame(
          <>
            <Stage
              key={`${current.object.object_id} ${current.row}`}
              item={current}
              me={me}
              role={role}
              form={form}
              onForm={() => setForm(!form)}
              advance={advance}
              start={current.row === search.r ? search.q : undefined}
              wanted={wanted}
              onQuestion={onQuestion}
              onEdit={onEdit}
              onFinished={onFinished}
              onSkip={skip}
              onNext={next}
              spans={spans}
              onSpans={setSpans}
              onSession={setSession}
            />
            <KeyBar />
          </>,
        )}
      </PlaceContext>
    );
  }
  return frame(
    <main className="min-h-0 flex-1 bg-surface">
      {state.phase === "failed" ? (
        <ErrorState
          what="The list could not be loaded"
          error={state.error}
          retry={() => void sitting.loadMore()}
        />
      ) : state.phase === "ready" && state.complete && state.items.length === 0 ? (
        <EmptyState title="Nothing to review here" action={<Button onClick={leave}>Back to the list</Button>}>
          {search.f ? `No row matches “${search.f}” now.` : "What is logged here can be reviewed."}
        </EmptyState>
      ) : (
        <div className="mx-auto max-w-[752px] px-6 pt-12">
          <SkeletonRows rows={6} height={48} label="Loading the list" />
        </div>
      )}
    </main>,
  );
}

/** Where the item in front lives; `null` until the name of its experiment or dataset is known. */
function useItemPlace(
  org: string,
  project: { id: string; name: string },
  kind: Place["object"]["object_type"],
  objectId: string | undefined,
): Place | null {
  const section = kind === "dataset" ? "datasets" : "experiments";
  const { data } = useQuery({
    ...objectByIdQuery(section, objectId ?? ""),
    enabled: kind !== "project_logs" && objectId !== undefined,
  });
  return useMemo(() => {
    if (kind === "project_logs") return logsPlace(org, project);
    return data ? objectPlace(org, project.name, section, data) : null;
  }, [org, project, kind, section, data]);
}
