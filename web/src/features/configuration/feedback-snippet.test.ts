import { describe, expect, it, vi } from "vitest";
import { snippet } from "./feedback-snippet.ts";

const about = { server: "https://concord.test", projectId: "p-1", key: "pk-1", scores: ["Thumbs"] };

/** The function of a snippet, as a page would have it. */
function giverOf(text: string): (row: string, scores: object, more?: object) => Promise<boolean> {
  const script = text.slice(text.indexOf("<script>") + 8, text.indexOf("</script>"));
  return new Function(`${script}; return giveFeedback;`)();
}

describe("the snippet for public pages", () => {
  it("sends one item under one id, again when it was too much", async () => {
    const answers = [
      new Response("", { status: 429, headers: { "retry-after": "0.001" } }),
      new Response("{}", { status: 200 }),
    ];
    const asked = vi.fn(async (_url: string, _init: RequestInit) => answers.shift());
    vi.stubGlobal("fetch", asked);
    expect(await giverOf(snippet(about))("row-1", { Thumbs: 1 }, { comment: "thanks", user: 7 })).toBe(true);
    expect(asked).toHaveBeenCalledTimes(2);
    const [url, init] = asked.mock.calls[0] as [string, RequestInit];
    expect(url).toBe("https://concord.test/v1/project_logs/p-1/feedback");
    expect(init.headers).toMatchObject({ authorization: "Bearer pk-1" });
    const [item] = JSON.parse(String(init.body)).feedback;
    expect(item).toMatchObject({
      id: "row-1",
      source: "external",
      scores: { Thumbs: 1 },
      comment: "thanks",
      metadata: { user_id: "7" },
    });
    expect(item.feedback_id).toMatch(/^[0-9a-f]{32}$/);
    expect(asked.mock.calls[1]?.[1]?.body).toBe(init.body);
    vi.unstubAllGlobals();
  });

  it("gives up on what is refused", async () => {
    vi.stubGlobal("fetch", async () => new Response("", { status: 403 }));
    expect(await giverOf(snippet(about))("row-1", { Thumbs: 1 })).toBe(false);
    vi.unstubAllGlobals();
  });

  it("holds names of any kind", () => {
    const text = snippet({ ...about, scores: ['</script> it\'s "odd"'] });
    expect(text.match(/<\/script>/g)).toHaveLength(1);
    expect(text).toContain("&lt;/script> it\\'s &quot;odd&quot;");
    expect(() => giverOf(text)).not.toThrow();
  });
});
