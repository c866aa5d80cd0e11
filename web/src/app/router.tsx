/** Every address of the app. Pages load when first visited; the frame and sign-in are in the shell. */
import { createRootRoute, createRoute, createRouter, Outlet, redirect } from "@tanstack/react-router";
import { projectsQuery, sessionQuery } from "@/api/queries.ts";
import { readFocusSearch } from "@/lib/focus-href.ts";
import { keepPage } from "@/lib/last-sitting.ts";
import { readListSearch } from "@/lib/list-search.ts";
import { Frame } from "./frame/frame.tsx";
import { FramePending } from "./frame/frame-pending.tsx";
import { lazyPage } from "./lazy-page.tsx";
import { queryClient } from "./query-client.ts";
import { PageError, PageMissing, PagePending } from "./route-states.tsx";
import { ProjectPage } from "./routes/project.tsx";

/** A search parameter as text; the router reads `?s=1` as a number. */
function text(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** Only paths of this app: a link must not send people elsewhere after they sign in. */
export function safeReturn(value: unknown): string | undefined {
  return typeof value === "string" && /^\/(?![/\\])/.test(value) ? value : undefined;
}

const root = createRootRoute({
  component: Outlet,
  // Sign-in and its like are one column: nothing is better than a wrong shape for a moment.
  pendingComponent: () => null,
  errorComponent: PageError,
  notFoundComponent: PageMissing,
});

async function requireSession(here: string) {
  const session = await queryClient.ensureQueryData(sessionQuery);
  if (!session)
    throw redirect({ to: "/sign-in", search: here === "/" ? {} : { return: here }, replace: true });
  return session;
}

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async ({ location }) => {
    const session = await requireSession(location.href);
    throw redirect({ to: "/app/$org", params: { org: session.organization.name }, replace: true });
  },
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { token?: string; return?: string } => {
    const token = text(search.token);
    const back = safeReturn(search.return);
    return { ...(token ? { token } : {}), ...(back ? { return: back } : {}) };
  },
  component: lazyPage(() => import("./routes/sign-in.tsx").then((module) => module.SignInPage)),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  validateSearch: (search: Record<string, unknown>): { token?: string } => {
    const token = text(search.token);
    return token ? { token } : {};
  },
  component: lazyPage(() => import("./routes/setup.tsx").then((module) => module.SetupPage)),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: "/invitation/$token",
  component: lazyPage(() => import("./routes/invitation.tsx").then((module) => module.InvitationPage)),
});

const app = createRoute({
  getParentRoute: () => root,
  path: "/app",
  beforeLoad: ({ location }) => requireSession(location.href),
  loader: () => queryClient.ensureQueryData(projectsQuery),
  component: Frame,
  pendingComponent: FramePending,
});

const projects = createRoute({
  getParentRoute: () => app,
  path: "/$org",
  component: lazyPage(() => import("./routes/projects.tsx").then((module) => module.ProjectsPage)),
});

/** Where links made by SDKs land; finds the row and goes to its trace. */
const object = createRoute({
  getParentRoute: () => app,
  path: "/$org/object",
  validateSearch: (search: Record<string, unknown>) => ({
    object_type: text(search.object_type) ?? "project_logs",
    object_id: text(search.object_id) ?? "",
    id: text(search.id) ?? "",
    ...(text(search.c) ? { c: text(search.c) } : {}),
    ...(text(search.review) ? { review: text(search.review) } : {}),
  }),
  component: lazyPage(() => import("./routes/object.tsx").then((module) => module.ObjectPage)),
});

const project = createRoute({
  getParentRoute: () => app,
  path: "/$org/p/$project",
  component: ProjectPage,
});

const projectHome = createRoute({
  getParentRoute: () => project,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/app/$org/p/$project/logs", params, replace: true });
  },
});

const traceSearch = (
  search: Record<string, unknown>,
): { s?: string; t?: string; c?: string; review?: string } => {
  const [s, t, c, review] = [text(search.s), text(search.t), text(search.c), text(search.review)];
  return { ...(s ? { s } : {}), ...(t ? { t } : {}), ...(c ? { c } : {}), ...(review ? { review } : {}) };
};

const rowsSearch = (search: Record<string, unknown>) => {
  const [r, s, oid] = [text(search.r), text(search.s), text(search.oid)];
  const [c, review] = [text(search.c), text(search.review)];
  const [peek, field] = [text(search.peek), text(search.field)];
  return {
    ...readListSearch(search),
    ...(peek ? { peek } : {}),
    ...(field ? { field } : {}),
    ...(r ? { r } : {}),
    ...(s ? { s } : {}),
    ...(oid ? { oid } : {}),
    ...(c ? { c } : {}),
    ...(review ? { review } : {}),
  };
};

const tracePage = lazyPage(() => import("./routes/trace.tsx").then((module) => module.TracePage));
const rowsPage = lazyPage(() => import("./routes/object-rows.tsx").then((module) => module.ObjectRowsPage));

const logs = createRoute({
  getParentRoute: () => project,
  path: "/logs",
  validateSearch: rowsSearch,
  component: lazyPage(() => import("./routes/logs.tsx").then((module) => module.LogsPage)),
});

const trace = createRoute({
  getParentRoute: () => project,
  path: "/logs/$trace",
  validateSearch: traceSearch,
  component: tracePage,
});

const experiments = createRoute({
  getParentRoute: () => project,
  path: "/experiments",
  component: lazyPage(() => import("./routes/objects.tsx").then((module) => module.ExperimentsPage)),
});

const experiment = createRoute({
  getParentRoute: () => project,
  path: "/experiments/$object",
  component: lazyPage(() => import("./routes/object-place.tsx").then((module) => module.ExperimentPlace)),
});

const experimentRows = createRoute({
  getParentRoute: () => experiment,
  path: "/",
  validateSearch: rowsSearch,
  component: rowsPage,
});

const experimentTrace = createRoute({
  getParentRoute: () => experiment,
  path: "/$trace",
  validateSearch: traceSearch,
  component: tracePage,
});

const datasets = createRoute({
  getParentRoute: () => project,
  path: "/datasets",
  component: lazyPage(() => import("./routes/objects.tsx").then((module) => module.DatasetsPage)),
});

const dataset = createRoute({
  getParentRoute: () => project,
  path: "/datasets/$object",
  component: lazyPage(() => import("./routes/object-place.tsx").then((module) => module.DatasetPlace)),
});

const datasetRows = createRoute({
  getParentRoute: () => dataset,
  path: "/",
  validateSearch: rowsSearch,
  component: rowsPage,
});

const datasetTrace = createRoute({
  getParentRoute: () => dataset,
  path: "/$trace",
  validateSearch: traceSearch,
  component: tracePage,
});

const focus = createRoute({
  getParentRoute: () => project,
  path: "/focus",
  validateSearch: readFocusSearch,
  staticData: { bare: true },
  component: lazyPage(() => import("./routes/focus.tsx").then((module) => module.FocusPage)),
});

const REVIEWED = ["project_logs", "experiment", "dataset"] as const;

const review = createRoute({
  getParentRoute: () => project,
  path: "/review",
  validateSearch: (search: Record<string, unknown>) => {
    const kind = REVIEWED.find((one) => one === search.kind);
    return { ...readListSearch(search), ...(kind && kind !== "project_logs" ? { kind } : {}) };
  },
  component: lazyPage(() => import("./routes/review.tsx").then((module) => module.ReviewPage)),
});

const configuration = createRoute({
  getParentRoute: () => project,
  path: "/configuration",
  beforeLoad: ({ params }) => {
    throw redirect({
      to: "/app/$org/p/$project/configuration/$section",
      params: { ...params, section: "scores" },
      replace: true,
    });
  },
});

const configurationSection = createRoute({
  getParentRoute: () => project,
  path: "/configuration/$section",
  validateSearch: (search: Record<string, unknown>): { edit?: string } => {
    const edit = text(search.edit);
    return edit ? { edit } : {};
  },
  component: lazyPage(() => import("./routes/configuration.tsx").then((module) => module.ConfigurationPage)),
});

const tree = root.addChildren([
  home,
  signIn,
  setup,
  invitation,
  app.addChildren([
    projects,
    object,
    project.addChildren([
      projectHome,
      logs,
      trace,
      experiments,
      experiment.addChildren([experimentRows, experimentTrace]),
      datasets,
      dataset.addChildren([datasetRows, datasetTrace]),
      focus,
      review,
      configuration,
      configurationSection,
    ]),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultPendingComponent: PagePending,
  defaultPendingMs: 150,
  defaultErrorComponent: PageError,
  defaultNotFoundComponent: PageMissing,
});

// Leaving the focused review goes back to the page that it was entered from.
router.subscribe("onResolved", ({ toLocation }) => {
  if (!router.state.matches.some((match) => match.staticData.bare)) keepPage(toLocation.href);
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
  interface StaticDataRouteOption {
    /** The page stands alone, without side bar. */
    bare?: boolean;
  }
}
