/** Problem details of RFC 9457, as every part of the server answers them. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  /** Id of the request, worth copying into a report. */
  instance?: string;
  /** Of filters: where the text is wrong, in characters; line and column begin at 1. */
  position?: { offset: number; line: number; column: number };
}

/** A request that did not succeed: refused by the server, or never reached it (`status` 0). */
export class ApiError extends Error {
  readonly problem: Problem;
  /** Seconds to wait before trying again, when the server said so. */
  readonly retryAfter: number | null;

  constructor(problem: Problem, retryAfter: number | null = null) {
    super(problem.detail ?? problem.title);
    this.name = "ApiError";
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  /** The last part of the problem's type: `invalid-credentials`, `forbidden`, … */
  get code(): string {
    return this.problem.type.split("/").pop() ?? "unknown";
  }

  get status(): number {
    return this.problem.status;
  }

  /** True when the request never reached the server. */
  get unreachable(): boolean {
    return this.problem.status === 0;
  }
}

/** The problem of a request that got no answer at all. */
export function unreachable(): ApiError {
  const online = typeof navigator === "undefined" || navigator.onLine;
  return new ApiError({
    type: "/problems/unreachable",
    title: online ? "The server does not answer" : "This device is offline",
    status: 0,
    detail: online
      ? "The server does not answer. It may be restarting."
      : "This device is offline. Reading goes on with what is already here.",
  });
}

/** Words for a person, whatever was thrown. */
export function problemText(error: unknown): string {
  if (error instanceof ApiError) return sentence(error.message);
  if (error instanceof Error) return sentence(error.message);
  return "Something failed without saying why.";
}

function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "Something failed without saying why.";
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}
