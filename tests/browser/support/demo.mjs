/** The demo server, and the people who are signed in to it by the links that it prints. */
import { randomUUID } from "node:crypto";
import { test as base } from "@playwright/test";
import { Server } from "../../clients/node/lib/server.mjs";
import { TracePage } from "./trace-page.mjs";

export { expect } from "@playwright/test";

/** The demo makes its own organization; the variables that would make another one are taken away. */
const DEMO = {
  args: ["--demo"],
  env: {
    CONCORD_ORG: undefined,
    CONCORD_ADMIN_EMAIL: undefined,
    CONCORD_ADMIN_PASSWORD: undefined,
    CONCORD_ADMIN_API_KEY: undefined,
    // Receivers of tests are on this machine.
    CONCORD_WEBHOOK_PRIVATE: "1",
  },
};

export const test = base.extend({
  /** Started once for all tests of a worker. */
  demo: [
    async ({}, use) => {
      const server = await Server.start(DEMO);
      try {
        await use(await Demo.meet(server));
      } finally {
        await server.close();
      }
    },
    { scope: "worker", timeout: 120_000 },
  ],

  /** `await enter("Noor")`: a person in a browser context of their own, signed in. */
  enter: async ({ browser, demo }, use) => {
    const contexts = [];
    await use(async (firstName, options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      contexts.push(context);
      const page = await context.newPage();
      page.problems = [];
      page.on("pageerror", (error) => page.problems.push(String(error)));
      const link = demo.links[firstName];
      if (!link) throw new Error(`no sign-in link for ${firstName}; there are ${Object.keys(demo.links)}`);
      await page.goto(link);
      await page.waitForURL(/\/app\//);
      return page;
    });
    // A member has a bounded number of sessions, the oldest of which make room: whoever leaves signs out.
    await Promise.all(
      contexts.map(async (context) => {
        const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
        await fetch(`${demo.server.url}/api/session`, { method: "DELETE", headers: { cookie, origin: demo.server.url } });
        await context.close();
      }),
    );
  },
});

export class Demo {
  static async meet(server) {
    const demo = new Demo(server);
    for (const link of server.output.match(/http:\S+\/sign-in\?token=\S+/g) ?? []) {
      const answer = await fetch(`${server.url}/api/session`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: server.url },
        body: JSON.stringify({ token: new URL(link).searchParams.get("token") }),
      });
      if (!answer.ok) throw new Error(`${link}: ${answer.status} ${await answer.text()}`);
      const { user, organization, role } = await answer.json();
      const firstName = user.name.split(" ")[0];
      demo.links[firstName] = link;
      demo.people[firstName] = user;
      demo.organization = organization;
      if (role === "lead") {
        demo.lead = firstName;
        demo.cookie = answer.headers.get("set-cookie").split(";")[0];
      }
    }
    if (!demo.cookie) throw new Error(`no sign-in link of a lead in:\n${server.output}`);
    const { objects } = await demo.api("GET", "/v1/project");
    demo.project = objects[0];
    demo.scores = (await demo.api("GET", `/v1/project_score?project_id=${demo.project.id}`)).objects;
    return demo;
  }

  constructor(server) {
    this.server = server;
    this.links = {};
    this.people = {};
  }

  /** A call as the lead's browser would make it. */
  async api(method, path, body) {
    const answer = await fetch(this.server.url + path, {
      method,
      headers: { cookie: this.cookie, origin: this.server.url, ...(body && { "content-type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  }

  /** The first score of a kind that writes a number, in the order of the review panel. */
  score(kind) {
    const found = this.scores
      .filter((score) => score.score_type === kind && !score.config?.destination)
      .sort((a, b) => (a.position < b.position ? -1 : 1))[0];
    if (!found) throw new Error(`the demo has no ${kind} score`);
    return found;
  }

  /** A trace of one span that no other test touches. */
  async newTrace({ id = randomUUID(), input = "Do these run small?", output = "They run half a size small." } = {}) {
    await this.api("POST", `/v1/project_logs/${this.project.id}/insert`, {
      events: [
        {
          id,
          span_id: id,
          root_span_id: id,
          input: [{ role: "user", content: input }],
          output,
          span_attributes: { name: "support", type: "task" },
          metrics: { start: Date.now() / 1000 - 2, end: Date.now() / 1000 },
        },
      ],
    });
    return { id, url: `${this.server.url}${this.path}/logs/${id}` };
  }

  get path() {
    return `/app/${encodeURIComponent(this.organization.name)}/p/${encodeURIComponent(this.project.name)}`;
  }

  /** The stored review of a trace's row: document, state and history. */
  async review(rowId) {
    const opened = await this.api("POST", "/api/review/open", {
      object_type: "project_logs",
      object_id: this.project.id,
      row_id: rowId,
    });
    const stored = await this.api("GET", `/api/review/${opened.document_id}`);
    const history = [];
    let cursor = "";
    for (;;) {
      const page = await this.api("GET", `/api/review/${opened.document_id}/history?limit=200${cursor}`);
      history.push(...page.entries);
      if (!page.cursor || page.entries.length === 0) break;
      cursor = `&cursor=${encodeURIComponent(page.cursor)}`;
    }
    return { ...stored, history };
  }
}

/** Opens a trace and waits until its review can be written. */
export async function openTrace(page, trace) {
  await page.goto(trace.url);
  const view = new TracePage(page);
  await view.ready();
  return view;
}
