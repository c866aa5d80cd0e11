import { describe, expect, it } from "vitest";
import type { TraceLine, TracePage } from "@/api/types.ts";
import { PAGE, type PageRequest, TraceList } from "./trace-list.ts";

/** A server that holds traces newest first. */
function server(size: number) {
  const traces = Array.from({ length: size }, (_, i) => line(`t${size - i}`));
  const asked: PageRequest[] = [];
  let failing = false;
  const fetchPage = async (request: PageRequest): Promise<TracePage> => {
    asked.push(request);
    if (failing) throw new Error("down");
    const all = request.sort === "-created" ? traces : [...traces].reverse();
    const from = request.cursor === null ? 0 : all.findIndex((one) => one.id === request.cursor) + 1;
    const page = all.slice(from, from + request.limit);
    const last = page[page.length - 1];
    return {
      traces: page,
      cursor: from + request.limit < all.length && last ? last.id : null,
      total: traces.length,
      total_is: "exact",
    };
  };
  return {
    traces,
    asked,
    fetchPage,
    fail: (on: boolean) => {
      failing = on;
    },
  };
}

function line(id: string): TraceLine {
  return {
    id,
    span_id: id,
    root_span_id: id,
    is_root: true,
    created: "2026-11-24T09:00:00.000000Z",
    name: "ask",
    kind: "task",
    model: null,
    input_preview: id,
    output_preview: null,
    duration: 1,
    tokens: null,
    cost: null,
    error: null,
    scores: {},
    human: [],
    tags: [],
    review: { document_id: null, status: "none", reviewers: [], comments: 0, assignees: [] },
    spans: 1,
    errors: 0,
  };
}

describe("the list of traces", () => {
  it("loads page after page, once each, until all are there", async () => {
    const { fetchPage, asked } = server(PAGE + 20);
    const list = new TraceList({ filter: "", sort: "-created" }, fetchPage);
    await Promise.all([list.loadMore(), list.loadMore()]);
    expect(asked).toHaveLength(1);
    expect(list.state).toMatchObject({ total: PAGE + 20, complete: false, phase: "ready" });
    await list.loadMore();
    await list.loadMore();
    expect(asked).toHaveLength(2);
    expect(list.state.rows.map((row) => row.id)).toEqual(
      Array.from({ length: PAGE + 20 }, (_, i) => `t${PAGE + 20 - i}`),
    );
    expect(list.state.complete).toBe(true);
  });

  it("counts new traces without moving a row, and shows them when asked", async () => {
    const { traces, fetchPage } = server(10);
    const list = new TraceList({ filter: "", sort: "-created" }, fetchPage);
    await list.loadMore();
    const before = list.state.rows.map((row) => row.id);
    traces.unshift(line("new2"), line("new1"));
    await list.refresh(0, 5);
    expect(list.state.fresh).toBe(2);
    expect(list.state.rows.map((row) => row.id)).toEqual(before);
    await list.reload();
    expect(list.state.fresh).toBe(0);
    expect(list.state.rows[0]?.id).toBe("new2");
    expect(list.state.rows).toHaveLength(12);
  });

  it("refreshes what changed in place and keeps the identity of the rest", async () => {
    const { traces, fetchPage } = server(10);
    const list = new TraceList({ filter: "", sort: "-created" }, fetchPage);
    await list.loadMore();
    const before = list.state.rows;
    traces[2] = { ...line("t8"), scores: { Correctness: 1 } };
    await list.refresh(0, 5);
    expect(list.state.rows[2]?.scores).toEqual({ Correctness: 1 });
    expect(list.state.rows[1]).toBe(before[1]);
  });

  it("notifies nobody when nothing changed", async () => {
    const { fetchPage } = server(10);
    const list = new TraceList({ filter: "", sort: "-created" }, fetchPage);
    await list.loadMore();
    let calls = 0;
    list.subscribe(() => {
      calls += 1;
    });
    await list.refresh(0, 5);
    expect(calls).toBe(0);
  });

  it("refreshes rows of a later page with that page's own key", async () => {
    const { fetchPage, asked, traces } = server(PAGE * 2);
    const list = new TraceList({ filter: "", sort: "-created" }, fetchPage);
    await list.loadMore();
    await list.loadMore();
    traces[PAGE + 3] = { ...(traces[PAGE + 3] as TraceLine), error: "late" };
    await list.refresh(PAGE + 1, PAGE + 10);
    expect(asked).toHaveLength(3);
    expect(asked[2]?.cursor).toBe(traces[PAGE - 1]?.id);
    expect(list.state.rows[PAGE + 3]?.error).toBe("late");
  });

  it("says what failed and goes on after", async () => {
    const { fetchPage, fail } = server(10);
    fail(true);
    const list = new TraceList({ filter: "", sort: "-created" }, fetchPage);
    await list.loadMore();
    expect(list.state.phase).toBe("failed");
    fail(false);
    await list.loadMore();
    expect(list.state.phase).toBe("ready");
    fail(true);
    await list.refresh(0, 5);
    expect(list.state.phase).toBe("ready");
  });

  it("reads rows that changed again by their ids alone where there is no filter", async () => {
    const { asked, fetchPage } = server(3);
    const list = new TraceList({ filter: "", sort: "-created" }, fetchPage);
    await list.loadMore();
    list.again(["t2", "t1"]);
    await expect.poll(() => asked.length).toBe(2);
    expect(asked[1]?.filter).toBe("root_span_id in ('t2', 't1')");
  });

  describe("with a filter", () => {
    /** Answers the traces that match now; asked for certain ones, only those. */
    function filtered(ids: string[]) {
      const matching = new Set(ids);
      const fetchPage = async ({ filter }: PageRequest): Promise<TracePage> => {
        const asked = /root_span_id in \((.*)\)/.exec(filter)?.[1];
        const found = [...matching].filter((id) => asked === undefined || asked.includes(`'${id}'`));
        const traces = found.map((id) => ({ ...line(id), matched: [id] }));
        return { traces, cursor: null, total: found.length, total_is: "exact" };
      };
      const list = new TraceList({ filter: "scores.Tone > 0.75", sort: "-created" }, fetchPage);
      return { matching, list };
    }

    it("counts traces that begin to match, each once, and moves no row for them", async () => {
      const { list } = filtered(["b", "a"]);
      await list.loadMore();
      list.enter(["c", "c", "a"]);
      expect(list.state.fresh).toBe(1);
      expect(list.state.rows.map((row) => row.id)).toEqual(["b", "a"]);
      list.leave(["c"]);
      expect(list.state.fresh).toBe(0);
    });

    it("marks a row that matches no longer where it stands, and unmarks it when it is back", async () => {
      const { list, matching } = filtered(["b", "a"]);
      await list.loadMore();
      matching.delete("a");
      list.leave(list.rootsOf(["a"]));
      await expect.poll(() => [...list.state.left]).toEqual(["a"]);
      expect(list.state.rows.map((row) => row.id)).toEqual(["b", "a"]);
      matching.add("a");
      list.enter(["a"]);
      await expect.poll(() => list.state.left.size).toBe(0);
      expect(list.state.fresh).toBe(0);
    });

    it("knows the neighbours of a trace in its own order", async () => {
      const { list } = filtered(["c", "b", "a"]);
      await list.loadMore();
      expect(list.around("b")).toMatchObject({ previous: { id: "c" }, next: { id: "a" }, index: 2 });
      expect(list.around("elsewhere")).toBeNull();
    });
  });
});
