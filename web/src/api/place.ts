import { defaultStringifySearch, useParams } from "@tanstack/react-router";
import { createContext, useContext, useMemo } from "react";
import type { ObjectRef } from "./types.ts";
import { useProject } from "./use-project.ts";
import { useSession } from "./use-session.ts";

/** What a link into a trace may name beside it. */
export interface TraceSearch {
  /** A span, by its span id or row id. */
  s?: string | undefined;
  /** A tab. */
  t?: string | undefined;
  /** A comment. */
  c?: string | undefined;
  /** The review is to be in sight. */
  review?: string | undefined;
}

/** Where traces are: the logs of a project, an experiment or a dataset; what it is called and which addresses lead there. */
export interface Place {
  object: ObjectRef;
  title: string;
  /** What one entry of its list is called. */
  noun: "trace" | "record";
  /** Address of its list of traces. */
  list: string;
  /** Address of one of its traces. */
  trace: (root: string, search?: TraceSearch) => string;
}

/** Parts of addresses that name a kind of object. */
export type Section = "experiments" | "datasets";

const part = encodeURIComponent;

function place(object: ObjectRef, title: string, list: string): Place {
  const trace = (root: string, { s, t, c, review }: TraceSearch = {}) =>
    // The router's own form: an id that looks like a number stays text.
    `${list}/${part(root)}${defaultStringifySearch({ s, t, c, review })}`;
  const noun = object.object_type === "dataset" ? "record" : "trace";
  return { object, title, noun, list, trace };
}

/** The logs of a project. */
export function logsPlace(org: string, project: { id: string; name: string }): Place {
  const object = { object_type: "project_logs", object_id: project.id } as const;
  return place(object, "Logs", `/app/${part(org)}/p/${part(project.name)}/logs`);
}

/** An experiment or a dataset. */
export function objectPlace(
  org: string,
  project: string,
  section: Section,
  object: { id: string; name: string },
): Place {
  const object_type = section === "experiments" ? "experiment" : "dataset";
  const list = `/app/${part(org)}/p/${part(project)}/${section}/${part(object.name)}`;
  return place({ object_type, object_id: object.id }, object.name, list);
}

/** Set by the pages of an experiment or a dataset; elsewhere in a project its logs are meant. */
export const PlaceContext = createContext<Place | null>(null);

/** The place of the current address. */
export function usePlace(): Place {
  const within = useContext(PlaceContext);
  const org = useSession().organization.name;
  const { org: named } = useParams({ strict: false });
  const { id, name } = useProject();
  return useMemo(() => within ?? logsPlace(named ?? org, { id, name }), [within, named, org, id, name]);
}
