import { useQuery } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { objectPlace, PlaceContext, type Section } from "@/api/place.ts";
import { objectQuery } from "@/api/queries.ts";
import { useProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { AppLink } from "@/ui/app-link.tsx";
import { buttonClass } from "@/ui/button.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";

/** Everything inside one experiment or dataset; says so when there is none of that name. */
function ObjectPlace({ section }: { section: Section }) {
  const { org = "", object = "" } = useParams({ strict: false });
  const organization = useSession().organization.name;
  const project = useProject();
  const query = useQuery(objectQuery(section, project.id, object));
  const found = query.data;
  const place = useMemo(
    () => (found ? objectPlace(org || organization, project.name, section, found) : null),
    [found, org, organization, project.name, section],
  );
  if (place) {
    return (
      <PlaceContext value={place}>
        <Outlet />
      </PlaceContext>
    );
  }
  const what = section === "experiments" ? "experiment" : "dataset";
  const list = `/app/${encodeURIComponent(org)}/p/${encodeURIComponent(project.name)}/${section}`;
  return (
    <main className="min-h-0 flex-1 bg-surface">
      {query.isPending ? (
        <SkeletonRows rows={12} label={`Loading the ${what}`} />
      ) : query.isError ? (
        <ErrorState
          what={`The ${what} could not be loaded`}
          error={query.error}
          retry={() => void query.refetch()}
        />
      ) : (
        <EmptyState
          title={`No ${what} named ${object}`}
          action={
            <AppLink href={list} className={buttonClass()}>
              Show all {section}
            </AppLink>
          }
        >
          It was renamed or deleted, or it belongs to another project.
        </EmptyState>
      )}
    </main>
  );
}

/** What is inside an experiment. */
export function ExperimentPlace() {
  return <ObjectPlace section="experiments" />;
}

/** What is inside a dataset. */
export function DatasetPlace() {
  return <ObjectPlace section="datasets" />;
}
