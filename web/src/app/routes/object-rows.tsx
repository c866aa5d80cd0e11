import { defaultStringifySearch, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo } from "react";
import { type Place, usePlace } from "@/api/place.ts";
import type { RecordOrigin } from "@/api/types.ts";
import { useSession } from "@/api/use-session.ts";
import { SittingStrip } from "@/features/focus/sitting-strip.tsx";
import { type Beside, LogsPage } from "@/features/logs/logs-page.tsx";
import { SummaryStrip } from "@/features/objects/summary-strip.tsx";
import { type ListSearch, readListSearch } from "@/lib/list-search.ts";
import { GoTo } from "@/ui/app-link.tsx";
import { EmptyState } from "@/ui/states.tsx";
import { ImportControl } from "../import-control.tsx";
import { useRowActions } from "../row-actions.tsx";

type Search = ListSearch & {
  r?: string;
  s?: string;
  c?: string;
  review?: string;
  /** A record beside the list, and what of it the hand was on. */
  peek?: string;
  field?: string;
};

const RecordPanel = lazy(() =>
  import("./dataset/record-panel.tsx").then((module) => ({ default: module.RecordPanel })),
);

/** The record beside the list of a dataset: in the address, so that a link leads there. */
function useBeside(place: Place, list: ListSearch, { peek, field }: Search): Beside {
  const org = useSession().organization.name;
  const navigate = useNavigate();
  return useMemo(() => {
    const go = (more: { peek?: string; field?: string }) =>
      void navigate({ href: place.list + defaultStringifySearch({ ...list, ...more }), replace: true });
    const source = ({ object_type, object_id, id }: RecordOrigin) =>
      `/app/${encodeURIComponent(org)}/object${defaultStringifySearch({ object_type, object_id, id })}`;
    return {
      source,
      onPeek: (row, column) => go({ peek: row.id, ...(column ? { field: column } : {}) }),
      render: (refresh) =>
        peek && (
          <Suspense fallback={null}>
            <RecordPanel
              key={peek}
              row={peek}
              field={field}
              source={source}
              onClose={() => go({})}
              onChanged={refresh}
            />
          </Suspense>
        ),
    };
  }, [place, list, peek, field, org, navigate]);
}

/** The rows of an experiment or a dataset; `?r=<trace>&s=<span>`, as clients print it, leads to the trace. */
export function ObjectRowsPage() {
  const place = usePlace();
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const list = useMemo(() => readListSearch({ ...search }), [search]);
  const { list: address } = place;
  const onSearch = useCallback(
    (next: ListSearch, replace = false) =>
      void navigate({ href: address + defaultStringifySearch({ ...next }), replace }),
    [navigate, address],
  );
  const { actions, dialog } = useRowActions(place);
  const beside = useBeside(place, list, search);
  if (search.r) return <GoTo href={place.trace(search.r, search)} />;
  const dataset = place.object.object_type === "dataset";
  return (
    <>
      <LogsPage
        key={place.object.object_id}
        search={list}
        onSearch={onSearch}
        head={
          <>
            <SittingStrip />
            {!dataset && <SummaryStrip experiment={place.object.object_id} />}
          </>
        }
        actions={actions}
        {...(dataset ? { beside } : {})}
        extra={dataset && <ImportControl place={place} />}
        whenEmpty={
          <EmptyState
            title={dataset ? "No records yet" : "No results yet"}
            action={dataset && <ImportControl place={place} named />}
          >
            {dataset
              ? "Import a file, add traces from the logs, or insert with a client; records appear here at once."
              : "The evaluation may still be running; its results appear here as they come."}
          </EmptyState>
        }
      />
      {dialog}
    </>
  );
}
