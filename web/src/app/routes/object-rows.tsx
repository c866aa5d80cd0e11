import { defaultStringifySearch, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { usePlace } from "@/api/place.ts";
import { SittingStrip } from "@/features/focus/sitting-strip.tsx";
import { LogsPage } from "@/features/logs/logs-page.tsx";
import { SummaryStrip } from "@/features/objects/summary-strip.tsx";
import { type ListSearch, readListSearch } from "@/lib/list-search.ts";
import { GoTo } from "@/ui/app-link.tsx";
import { EmptyState } from "@/ui/states.tsx";

/** The rows of an experiment or a dataset; `?r=<trace>&s=<span>`, as clients print it, leads to the trace. */
export function ObjectRowsPage() {
  const place = usePlace();
  const search: ListSearch & { r?: string; s?: string; c?: string; review?: string } = useSearch({
    strict: false,
  });
  const navigate = useNavigate();
  const list = useMemo(() => readListSearch({ ...search }), [search]);
  const { list: address } = place;
  const onSearch = useCallback(
    (next: ListSearch, replace = false) =>
      void navigate({ href: address + defaultStringifySearch({ ...next }), replace }),
    [navigate, address],
  );
  if (search.r) return <GoTo href={place.trace(search.r, search)} />;
  const dataset = place.object.object_type === "dataset";
  return (
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
      whenEmpty={
        <EmptyState title={dataset ? "No records yet" : "No results yet"}>
          {dataset
            ? "A client that inserts into this dataset fills it; records appear here at once."
            : "The evaluation may still be running; its results appear here as they come."}
        </EmptyState>
      }
    />
  );
}
