/** What a notification says and where it leads. Pure. */
import type { Notification } from "@/api/inbox.ts";
import { logsPlace, objectPlace } from "@/api/place.ts";
import { plural } from "@/lib/format.ts";

const SECTIONS = { experiment: "experiments", dataset: "datasets" } as const;

/** "asked you to review 12 spans", after the name of who did it. */
export function sentence({
  kind,
  rows,
  object_type,
}: Pick<Notification, "kind" | "rows" | "object_type">): string {
  const noun = object_type === "dataset" ? "row" : "span";
  switch (kind) {
    case "assigned":
      return `asked you to review ${rows === 1 ? `a ${noun}` : plural(rows, noun)}`;
    case "mentioned":
      return "named you in a comment";
    case "replied":
      return "answered in a thread of yours";
    case "resolved":
      return "resolved a comment of yours";
  }
}

/** What it is about. */
export function about({ row, row_id, object_name, project_name, rows }: Notification): string {
  const what = rows > 1 ? "" : (row?.name ?? row?.preview ?? row_id);
  const where = object_name === project_name ? project_name : `${project_name} / ${object_name}`;
  return what === "" ? where : `${what} in ${where}`;
}

/** The exact place: the comment, the span with its review, or what is assigned to the viewer. */
export function hrefOf(org: string, notification: Notification): string {
  const { kind, rows, row, row_id, comment_id, object_type, object_id } = notification;
  const project = { id: notification.project_id, name: notification.project_name };
  if (kind === "assigned" && rows > 1) {
    const base = `/app/${encodeURIComponent(org)}/p/${encodeURIComponent(project.name)}/review`;
    return `${base}?${object_type === "project_logs" ? "" : `kind=${object_type}&`}view=mine`;
  }
  const place =
    object_type === "project_logs"
      ? logsPlace(org, project)
      : objectPlace(org, project.name, SECTIONS[object_type], {
          id: object_id,
          name: notification.object_name,
        });
  return place.trace(row?.root_span_id ?? row_id, { s: row?.span_id ?? row_id, c: comment_id, review: "1" });
}
