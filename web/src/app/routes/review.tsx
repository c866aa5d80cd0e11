/** The review page of a project: its lists and what finds things in them, put together. */
import { useQuery } from "@tanstack/react-query";
import { defaultStringifySearch, getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { reviewShelf } from "@/api/find.ts";
import { logsPlace, objectPlace } from "@/api/place.ts";
import { objectsOverviewQuery } from "@/api/queries.ts";
import type { QueueItem } from "@/api/queue.ts";
import type { ObjectRef, ObjectType } from "@/api/types.ts";
import { useKnownTags } from "@/api/use-known-tags.ts";
import { usePeople } from "@/api/use-people.ts";
import { useProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { SittingStrip } from "@/features/focus/sitting-strip.tsx";
import { FilterBar } from "@/features/logs/filter/filter-bar.tsx";
import { useFilter } from "@/features/logs/filter/use-filter.ts";
import { BulkActions } from "@/features/logs/select/bulk-actions.tsx";
import { useViews } from "@/features/logs/views/use-views.ts";
import { ViewSwitcher } from "@/features/logs/views/view-switcher.tsx";
import type { View } from "@/features/logs/views/views.ts";
import { QueuePage } from "@/features/queue/queue-page.tsx";
import { reviewViews } from "@/features/queue/queue-views.ts";
import { focusHref } from "@/lib/focus-href.ts";
import { DEFAULT_SORT, type ListSearch, readListSearch } from "@/lib/list-search.ts";
import { may } from "@/lib/role.ts";
import { useNow } from "@/lib/use-now.ts";
import { SkeletonRows } from "@/ui/skeleton.tsx";

const route = getRouteApi("/app/$org/p/$project/review");
const SECTIONS = { experiment: "experiments", dataset: "datasets" } as const;

export function ReviewPage() {
  const search = route.useSearch();
  const { org, project: named } = route.useParams();
  const project = useProject();
  const session = useSession();
  const me = session.user.id;
  const navigate = useNavigate();
  const kind: ObjectType = search.kind ?? "project_logs";
  const list = useMemo(() => readListSearch({ ...search }), [search]);
  const address = `/app/${encodeURIComponent(org)}/p/${encodeURIComponent(named)}`;
  const go = useCallback(
    (of: ObjectType, next: ListSearch, replace = false) =>
      void navigate({
        href: `${address}/review${defaultStringifySearch({ ...(of === "project_logs" ? {} : { kind: of }), ...next })}`,
        replace,
      }),
    [navigate, address],
  );
  const onSearch = useCallback((next: ListSearch, replace?: boolean) => go(kind, next, replace), [go, kind]);
  const shelf = useMemo(() => reviewShelf(project.id, kind), [project.id, kind]);
  const builtIn = useMemo<View[]>(
    () => reviewViews(me).map((view) => ({ ...view, sort: DEFAULT_SORT, layout: {}, saved: null })),
    [me],
  );
  const views = useViews(shelf, builtIn, list, onSearch);
  const object = useNamed(project.id, kind);
  const shown = views.shown;
  const filter = useFilter(object ?? NOWHERE, object ? (shown?.filter ?? "") : "", views.setFilter);
  const person = usePeople();
  const tags = useKnownTags(NO_ROWS);
  const now = useNow(60_000);

  const text = shown?.filter ?? "";
  const focusOn = useCallback(
    (item: QueueItem) =>
      focusHref(org, named, { kind, ...(text === "" ? {} : { f: text }), r: item.row_id, o: item.object_id }),
    [org, named, kind, text],
  );
  const traceHref = useCallback(
    (item: QueueItem) => {
      const place =
        item.object_type === "project_logs"
          ? logsPlace(org, project)
          : objectPlace(org, project.name, SECTIONS[item.object_type], {
              id: item.object_id,
              name: item.object_name,
            });
      return place.trace(item.root_span_id, { s: item.span_id, review: "1" });
    },
    [org, project],
  );
  if (!shown) return <SkeletonRows rows={14} label="Loading the view" />;
  const mayEdit = (view: View) =>
    may(session.role, "configure") || (view.saved !== null && view.saved.user_id === me);
  return (
    <QueuePage
      key={project.id}
      kind={kind}
      onKind={(next) => go(next, shown.layout.board ? { layout: { board: true } } : {})}
      view={shown.changed ? { id: "", name: shown.view.name } : shown.view}
      filter={text}
      parts={filter.parts}
      layout={shown.layout}
      onLayout={views.setLayout}
      onClear={() => onSearch({})}
      focusHref={focusOn}
      traceHref={traceHref}
      views={<ViewSwitcher state={views} mayCreate={may(session.role, "review")} mayEdit={mayEdit} />}
      filterBar={
        <>
          {object && <FilterBar object={object} filter={filter} person={person} now={now} />}
          <SittingStrip />
        </>
      }
      actions={({ disabled, onChange }) => (
        <BulkActions disabled={disabled} tags={tags} onChange={onChange} />
      )}
    />
  );
}

const NO_ROWS: { tags: string[] }[] = [];
const NOWHERE: ObjectRef = { object_type: "project_logs", object_id: "" };

/** The object whose names complete a filter: the logs, else the newest experiment or dataset. */
function useNamed(projectId: string, kind: ObjectType): ObjectRef | null {
  const section = kind === "project_logs" ? "experiments" : SECTIONS[kind];
  const { data } = useQuery({
    ...objectsOverviewQuery(section, projectId),
    enabled: kind !== "project_logs",
  });
  const newest = data?.[0]?.id;
  return useMemo(() => {
    if (kind === "project_logs") return { object_type: kind, object_id: projectId };
    return newest ? { object_type: kind, object_id: newest } : null;
  }, [kind, projectId, newest]);
}
