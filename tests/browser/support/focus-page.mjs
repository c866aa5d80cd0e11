/** The focused review by the names that people who cannot see it hear. */
import { randomUUID } from "node:crypto";
import { expect } from "@playwright/test";

export class FocusPage {
  constructor(page) {
    this.page = page;
    this.panel = page.getByRole("complementary", { name: "Human review" });
    this.questions = page.getByRole("list", { name: "Questions" });
    this.current = this.questions.locator('[aria-current="step"]');
  }

  /** The review of the item in front can be written. */
  async ready() {
    await expect(this.current).toBeVisible();
    await expect(this.current.locator("[aria-disabled=true]")).toHaveCount(0);
    await this.synced();
  }

  synced() {
    return expect(this.page.getByRole("banner").getByText("Synced")).toHaveCount(1);
  }

  /** Which item is in front: 2 of 5. */
  expectItem(at, total) {
    const progress = this.page.getByRole("progressbar", { name: "Items" });
    return expect(progress).toHaveAttribute("aria-valuetext", new RegExp(`^Item ${at} of ${total}\\.`));
  }

  expectQuestion(name) {
    return expect(this.current.getByRole("heading", { level: 2 })).toHaveText(name);
  }

  /** A question that is folded to a line. */
  line(name) {
    return this.questions.getByRole("button", { name: new RegExp(`^${name} `) });
  }
}

/** Traces of one span that only one test touches, newest last; and the filter that finds them. */
export async function newQueue(demo, count) {
  const run = randomUUID();
  const rows = Array.from({ length: count }, () => randomUUID());
  for (const [index, id] of rows.entries()) {
    await demo.api("POST", `/v1/project_logs/${demo.project.id}/insert`, {
      events: [
        {
          id,
          span_id: id,
          root_span_id: id,
          input: [{ role: "user", content: `Question ${index + 1}` }],
          output: `Answer ${index + 1}`,
          metadata: { run },
          span_attributes: { name: "support", type: "task" },
          metrics: { start: Date.now() / 1000 - 2, end: Date.now() / 1000 },
        },
      ],
    });
  }
  const filter = `metadata.run = '${run}'`;
  // The newest comes first.
  return { rows: rows.reverse(), filter, list: `${demo.server.url}${demo.path}/logs?filter=${encodeURIComponent(filter)}` };
}

export async function openQueue(page, demo, { filter }) {
  const search = new URLSearchParams({ kind: "project_logs", oid: demo.project.id, f: filter });
  await page.goto(`${demo.server.url}${demo.path}/focus?${search}`);
  const view = new FocusPage(page);
  await view.ready();
  return view;
}
