/** Every page in both themes and both sizes: no accessibility finding, no page error; pictures for the eye. */
import { mkdirSync } from "node:fs";
import { findings } from "../support/axe.mjs";
import { expect, test } from "../support/demo.mjs";
import { TracePage } from "../support/trace-page.mjs";

const screens = new URL("../screens/", import.meta.url).pathname;
mkdirSync(screens, { recursive: true });

const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

const pages = {
  "sign-in": { signedIn: false, path: () => "/sign-in", ready: (page) => page.getByRole("button", { name: "Sign in" }) },
  projects: { path: (demo) => `/app/${encodeURIComponent(demo.organization.name)}`, ready: (page, demo) => page.getByText(demo.project.name).first() },
  logs: { path: (demo) => `${demo.path}/logs`, ready: (page) => page.getByRole("grid", { name: "Traces" }).getByRole("row").nth(3) },
  trace: { path: async (demo) => `${demo.path}/logs/${await worked(demo)}`, ready: (page) => page.getByRole("tree", { name: "Span tree" }).getByRole("treeitem").first() },
  focus: { path: (demo) => `${demo.path}/focus?kind=project_logs&oid=${demo.project.id}&f=is_root`, ready: (page) => page.getByRole("list", { name: "Questions" }) },
  review: { path: (demo) => `${demo.path}/review`, ready: (page) => page.getByRole("grid", { name: "Log spans" }).getByRole("row").nth(1) },
  "review-board": {
    path: (demo) => `${demo.path}/review?layout=${encodeURIComponent('{"board":true}')}`,
    ready: (page) => page.getByRole("region", { name: "Awaiting" }).getByRole("link").first(),
  },
  "configuration-scores": { path: (demo) => `${demo.path}/configuration/scores`, ready: (page, demo) => page.getByText(demo.score("slider").name).first() },
  "configuration-members": { path: (demo) => `${demo.path}/configuration/members`, ready: (page, demo) => page.getByText(demo.people.Mei.name).first() },
  "configuration-keys": { path: (demo) => `${demo.path}/configuration/keys`, ready: (page) => page.getByRole("main") },
};

/** A trace of the demo on which people have worked: the most comments and spans make the fullest page. */
async function worked(demo) {
  const { traces } = await demo.api("GET", `/api/trace?object_type=project_logs&object_id=${demo.project.id}&limit=200`);
  const weight = (trace) => 10 * (trace.review.comments + trace.human.length) + trace.spans;
  return encodeURIComponent(traces.sort((a, b) => weight(b) - weight(a))[0].root_span_id);
}

for (const theme of ["light", "dark"]) {
  for (const [name, { path, ready, signedIn = true }] of Object.entries(pages)) {
    test(`${name}, ${theme}`, async ({ demo, enter, browser }) => {
      const options = { colorScheme: theme, viewport: SIZES.desktop };
      const page = signedIn ? await enter("Noor", options) : await (await browser.newContext(options)).newPage();
      await page.goto(demo.server.url + (await path(demo)));
      for (const [size, viewport] of Object.entries(SIZES)) {
        await page.setViewportSize(viewport);
        if (size === "desktop") await ready(page, demo).waitFor();
        if (name === "trace" && size === "desktop") await new TracePage(page).ready();
        await page.evaluate(() => document.fonts.ready);
        await page.waitForTimeout(400); // transitions of the layout: pictures and contrasts are of the resting page
        await page.screenshot({ path: `${screens}${name}-${theme}-${size}.png` });
        expect(await findings(page), `${name} ${theme} ${size}`).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(overflow, "no sideways scrolling").toBeLessThanOrEqual(0);
      }
      expect(page.problems ?? []).toEqual([]);
      if (!signedIn) await page.context().close();
    });
  }
}
