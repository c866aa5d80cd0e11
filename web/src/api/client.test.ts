import { afterEach, describe, expect, it, vi } from "vitest";
import { get, onSignedOut, post, withQuery } from "./client.ts";
import { ApiError, problemText } from "./problem.ts";
import { byPosition } from "./queries.ts";

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const fetch = vi.fn(async () => new Response(status === 204 ? null : text, { status, headers }));
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

afterEach(() => vi.unstubAllGlobals());

describe("a request", () => {
  it("gives the JSON of a good answer, and nothing for an empty one", async () => {
    const fetch = answer(200, { ok: true });
    expect(await get("/api/key", { limit: 5, cursor: null })).toEqual({ ok: true });
    expect(fetch).toHaveBeenCalledWith(
      "/api/key?limit=5",
      expect.objectContaining({ credentials: "same-origin" }),
    );
    answer(204, "");
    expect(await post("/api/key", {})).toBeUndefined();
  });

  it("throws the problem of a refusal, with its code and the time to wait", async () => {
    answer(
      429,
      { type: "/problems/too-many-attempts", title: "Too many attempts", status: 429, instance: "r1" },
      { "retry-after": "30" },
    );
    const error = await post("/api/session", {}).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      code: "too-many-attempts",
      status: 429,
      retryAfter: 30,
      message: "Too many attempts",
    });
  });

  it("survives an answer that is no problem document", async () => {
    answer(502, "<html>");
    await expect(get("/api/key")).rejects.toMatchObject({ status: 502, message: "The server answered 502" });
  });

  it("says so when the server cannot be reached", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("failed to fetch");
    });
    const error = await get("/api/key").catch((failure: unknown) => failure);
    expect(error).toMatchObject({ unreachable: true });
    expect(problemText(error)).toMatch(/does not answer|offline/);
  });

  it("tells of an ended session, but not when asking who is signed in", async () => {
    const told = vi.fn();
    const stop = onSignedOut(told);
    answer(401, { title: "sign in" });
    await get("/api/session").catch(() => undefined);
    expect(told).not.toHaveBeenCalled();
    await get("/api/key").catch(() => undefined);
    expect(told).toHaveBeenCalledTimes(1);
    stop();
  });
});

describe("words of a problem", () => {
  it("are a sentence", () => {
    expect(problemText(new Error("no document 7"))).toBe("No document 7.");
    expect(problemText("x")).toBe("Something failed without saying why.");
  });
});

describe("addresses and order", () => {
  it("leave out what is not set", () => {
    expect(withQuery("/a", { b: 1, c: "", d: undefined, e: false })).toBe("/a?b=1&e=false");
    expect(withQuery("/a")).toBe("/a");
  });

  it("sorts scores by rank text, those without one last", () => {
    const scores = [
      { position: null, created: "2" },
      { position: "0|b", created: "1" },
      { position: null, created: "1" },
      { position: "0|B", created: "3" },
    ];
    expect(scores.sort(byPosition).map((score) => `${score.position} ${score.created}`)).toEqual([
      "0|B 3",
      "0|b 1",
      "null 1",
      "null 2",
    ]);
  });
});
