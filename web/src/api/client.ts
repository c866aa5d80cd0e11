/**
 * The one way to call the server over HTTP: JSON in and out, problems as `ApiError`.
 * Knows nothing of pages; who wants to hear of a lost session registers with `onSignedOut`.
 */
import { ApiError, type Problem, unreachable } from "./problem.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type QueryValue = string | number | boolean | null | undefined;

interface Options {
  query?: Record<string, QueryValue>;
  body?: unknown;
  /** A file, sent as it is, instead of `body`. */
  file?: Blob;
  signal?: AbortSignal;
}

type Listener = () => void;
const signedOutListeners = new Set<Listener>();

/** Calls `listener` whenever an answer says that the session is over; returns the unsubscribing function. */
export function onSignedOut(listener: Listener): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

/** Tells everyone that the session is over; for sockets, which learn it without an HTTP answer. */
export function reportSignedOut(): void {
  for (const listener of signedOutListeners) listener();
}

const signedInListeners = new Set<Listener>();

/** Calls `listener` when a session that had ended was renewed, so that sockets come back at once. */
export function onSignedIn(listener: Listener): () => void {
  signedInListeners.add(listener);
  return () => signedInListeners.delete(listener);
}

export function reportSignedIn(): void {
  for (const listener of signedInListeners) listener();
}

/** `path` with the values of `query` that are set. */
export function withQuery(path: string, query: Record<string, QueryValue> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** What an answer that is no success says. */
export async function problemOf(response: Response): Promise<ApiError> {
  const fallback: Problem = {
    type: "/problems/unexpected",
    title: `The server answered ${response.status}`,
    status: response.status,
  };
  const retry = Number(response.headers.get("retry-after"));
  const retryAfter = Number.isFinite(retry) && retry > 0 ? retry : null;
  try {
    const body = (await response.json()) as Partial<Problem>;
    return new ApiError({ ...fallback, ...body, status: response.status }, retryAfter);
  } catch {
    return new ApiError(fallback, retryAfter);
  }
}

/** Sends one request and returns its JSON; throws `ApiError`. An aborted request throws the abort itself. */
export async function request<T>(method: Method, path: string, options: Options = {}): Promise<T> {
  const init: RequestInit = { method, credentials: "same-origin", headers: { accept: "application/json" } };
  if (options.signal) init.signal = options.signal;
  if (options.body !== undefined) {
    init.body = JSON.stringify(options.body);
    init.headers = { accept: "application/json", "content-type": "application/json" };
  }
  if (options.file) init.body = options.file;
  let response: Response;
  try {
    response = await fetch(withQuery(path, options.query), init);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw unreachable();
  }
  if (!response.ok) {
    const error = await problemOf(response);
    // Asking who is signed in, and signing in, answer 401 as a matter of course.
    if (error.status === 401 && path !== "/api/session") reportSignedOut();
    throw error;
  }
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

export const get = <T>(path: string, query?: Options["query"], signal?: AbortSignal): Promise<T> =>
  request<T>("GET", path, { ...(query ? { query } : {}), ...(signal ? { signal } : {}) });
export const post = <T>(path: string, body?: unknown): Promise<T> => request<T>("POST", path, { body });
/** Posts a file as it is. */
export const postFile = <T>(path: string, query: Options["query"], file: Blob): Promise<T> =>
  request<T>("POST", path, { ...(query ? { query } : {}), file });
export const put = <T>(path: string, body: unknown): Promise<T> => request<T>("PUT", path, { body });
export const patch = <T>(path: string, body: unknown): Promise<T> => request<T>("PATCH", path, { body });
export const del = <T = void>(path: string): Promise<T> => request<T>("DELETE", path);
