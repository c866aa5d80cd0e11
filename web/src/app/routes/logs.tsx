import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo } from "react";
import { usePlace } from "@/api/place.ts";
import { locateQuery } from "@/api/queries.ts";
import { useProject } from "@/api/use-project.ts";
import { SittingStrip } from "@/features/focus/sitting-strip.tsx";
import { LogsPage as Logs } from "@/features/logs/logs-page.tsx";
import { Onboarding } from "@/features/onboarding/onboarding.tsx";
import { type ListSearch, readListSearch } from "@/lib/list-search.ts";
import { GoTo } from "@/ui/app-link.tsx";
import { toast } from "@/ui/toasts.tsx";
import { useRowActions } from "../row-actions.tsx";

const route = getRouteApi("/app/$org/p/$project/logs");

/** Logs, and the addresses that clients print: `?r=<trace>&s=<span>` and `?oid=<row>` lead to the trace. */
export function LogsPage() {
  const search = route.useSearch();
  const params = route.useParams();
  const project = useProject();
  const place = usePlace();
  const navigate = useNavigate();
  const located = useQuery({
    ...locateQuery(place.object, search.oid ?? ""),
    enabled: search.oid !== undefined,
  });
  const { actions, dialog } = useRowActions(place);
  const lost = located.isError;
  useEffect(() => {
    if (lost)
      toast({
        title: "That row is not here yet",
        body: "Its link may be older than its data. Look in the list.",
      });
  }, [lost]);

  const list = useMemo(() => readListSearch({ ...search }), [search]);
  const { org, project: projectName } = params;
  const onSearch = useCallback(
    (next: ListSearch, replace = false) =>
      void navigate({
        to: "/app/$org/p/$project/logs",
        params: { org, project: projectName },
        search: next,
        replace,
      }),
    [navigate, org, projectName],
  );

  if (search.r) {
    return <GoTo href={place.trace(search.r, search)} />;
  }
  if (located.data) {
    return <GoTo href={place.trace(located.data.root_span_id, { ...search, s: located.data.id })} />;
  }
  return (
    <>
      <Logs
        key={project.id}
        search={list}
        onSearch={onSearch}
        head={<SittingStrip />}
        whenEmpty={<Onboarding project={project.name} />}
        actions={actions}
      />
      {dialog}
    </>
  );
}
