/** Datasets from reviews: rows added by keys, files in and out, records edited in place by two people. */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { findings } from "../support/axe.mjs";
import { expect, test } from "../support/demo.mjs";

const grid = (page, name) => page.getByRole("grid", { name });
const panel = (page) => page.getByRole("complementary", { name: "Record" });

/** A dataset of its own for a test, and the address of its list. */
async function newDataset(demo, records = []) {
  const name = `set ${randomUUID().slice(0, 8)}`;
  const { id } = await demo.api("POST", "/v1/dataset", { project_id: demo.project.id, name });
  if (records.length > 0) await demo.api("POST", `/v1/dataset/${id}/insert`, { events: records });
  return { id, name, url: `${demo.server.url}${demo.path}/datasets/${encodeURIComponent(name)}` };
}

const recordsOf = async (demo, dataset) => (await demo.api("GET", `/v1/dataset/${dataset.id}/fetch`)).events;

test("a corrected trace becomes a record by keys alone, once, and leads back to where it came from", async ({ demo, enter }) => {
  const tag = `t${randomUUID().slice(0, 8)}`;
  const trace = await demo.newTrace({ output: "They run small." });
  await demo.api("POST", `/v1/project_logs/${demo.project.id}/feedback`, {
    feedback: [{ id: trace.id, expected: "They run half a size small.", tags: [tag], source: "app" }],
  });
  const noor = await enter("Noor");
  const { keyboard } = noor;
  await noor.goto(`${demo.server.url}${demo.path}/logs?filter=${encodeURIComponent(`tags includes '${tag}'`)}`);
  await expect(grid(noor, "Traces").getByText("They run small.")).toBeVisible();
  await keyboard.press("j");
  await keyboard.press("x");
  await keyboard.press("a");
  const dialog = noor.getByRole("dialog", { name: "Add 1 trace to a dataset" });
  const select = dialog.getByRole("combobox", { name: "Dataset" });
  await expect(select).toBeFocused();
  await select.selectOption({ label: "New dataset…" });
  const name = `golden ${tag}`;
  await dialog.getByRole("textbox", { name: "Name of the new dataset" }).fill(name);
  await keyboard.press("Enter");
  await expect(noor.getByText(`1 record added to ${name}`)).toBeVisible();
  expect(await findings(noor)).toEqual([]);
  await noor.getByRole("button", { name: "Open", exact: true }).click();
  const row = grid(noor, "Records").getByRole("row").nth(1);
  await expect(row).toContainText("They run half a size small.");

  // The same again adds nothing.
  await noor.goto(trace.url);
  await expect(noor.getByRole("button", { name: "Add to dataset" })).toBeEnabled();
  await keyboard.press("a");
  await noor.getByRole("combobox", { name: "Dataset" }).selectOption({ label: `${name} (1)` });
  await noor.getByRole("button", { name: "Add", exact: true }).click();
  await expect(noor.getByText("1 skipped: the dataset has it already")).toBeVisible();

  await noor.goto(`${demo.server.url}${demo.path}/datasets/${encodeURIComponent(name)}`);
  await row.getByRole("link", { name: "Trace" }).click();
  await noor.waitForURL(new RegExp(`/logs/${trace.id}`));
  expect(noor.problems).toEqual([]);
});

test("a file is imported by what its columns are, and what is rejected comes back as a file", async ({ demo, enter }) => {
  const dataset = await newDataset(demo);
  const noor = await enter("Noor");
  await noor.goto(dataset.url);
  await noor.getByRole("button", { name: "Import a file" }).waitFor();
  await noor.keyboard.press("i");
  const dialog = noor.getByRole("dialog", { name: `Import into ${dataset.name}` });
  await dialog.getByLabel("CSV or JSONL file").setInputFiles({
    name: "questions.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("question,answer,lang\nHow small?,Half a size,en\nbroken\nWie klein?,Halbe Größe,de\n"),
  });
  await expect(dialog.getByRole("combobox", { name: "question becomes" })).toHaveValue("input");
  await expect(dialog.getByRole("combobox", { name: "answer becomes" })).toHaveValue("expected");
  await dialog.getByRole("combobox", { name: "lang becomes" }).selectOption("tags");
  await expect(dialog.getByText("Rejected: has 1 cell")).toBeVisible();
  expect(await findings(noor)).toEqual([]);
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await expect(dialog.getByText("2 records imported")).toBeVisible();
  await expect(dialog.getByRole("cell", { name: "3", exact: true })).toBeVisible();
  const coming = noor.waitForEvent("download");
  await dialog.getByRole("button", { name: "Rejected records" }).click();
  expect(await readFile(await (await coming).path(), "utf8")).toBe("question,answer,lang\nbroken\n");
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(grid(noor, "Records").getByText("Wie klein?")).toBeVisible();
  const records = await recordsOf(demo, dataset);
  expect(records.map(({ expected, tags }) => [expected, tags]).sort()).toEqual([
    ["Halbe Größe", ["de"]],
    ["Half a size", ["en"]],
  ]);

  const table = noor.waitForEvent("download");
  await noor.getByRole("button", { name: "Export" }).click();
  await noor.getByRole("menuitem", { name: "Table (CSV)" }).click();
  const text = await readFile(await (await table).path(), "utf8");
  expect(text.split("\r\n")[0]).toMatch(/^id,created,input,expected,tags,metadata/);
  expect(text).toContain('Wie klein?,Halbe Größe,"[""de""]"');
  expect(noor.problems).toEqual([]);
});

test("two people edit a record beside its list: expected together, metadata with a question when both did", async ({ demo, enter }) => {
  const dataset = await newDataset(demo, [{ id: "one", input: "How small?", expected: "Half", metadata: { lang: "en" } }]);
  const [noor, mei] = await Promise.all([enter("Noor"), enter("Mei", { colorScheme: "light" })]);
  for (const page of [noor, mei]) {
    await page.goto(dataset.url);
    await grid(page, "Records").getByText("How small?").waitFor();
  }
  await grid(noor, "Records").locator("[data-column=expected]").last().click();
  const editor = (page) => panel(page).getByRole("textbox", { name: "Expected" });
  await expect(editor(noor)).toBeFocused();
  await noor.keyboard.press("ControlOrMeta+End");
  await noor.keyboard.type(" a size");
  await mei.goto(noor.url());
  await expect(editor(mei)).toContainText("Half a size");
  await editor(mei).focus();
  await mei.keyboard.press("ControlOrMeta+Home");
  await mei.keyboard.type("About ");
  // The name of the other stands at her caret.
  await expect(editor(noor)).toHaveText(/About.*Half a size/);
  await expect(grid(noor, "Records").getByText("About Half a size")).toBeVisible();

  const metadata = (page) => panel(page).getByRole("textbox", { name: "Metadata" });
  await metadata(mei).fill('{"lang": "en", "by": "Mei"}');
  await metadata(noor).fill('{"lang": "en", broken');
  await metadata(noor).press("ControlOrMeta+Enter");
  await expect(panel(noor).getByRole("alert")).toContainText("It is no JSON");
  await metadata(mei).press("ControlOrMeta+Enter");
  await expect(panel(mei).getByText("Saved", { exact: true })).toBeVisible();
  await metadata(noor).fill('{"lang": "de"}');
  await metadata(noor).press("ControlOrMeta+Enter");
  await expect(panel(noor).getByRole("alert")).toContainText('"by": "Mei"');
  expect([await findings(noor), await findings(mei)]).toEqual([[], []]);
  await panel(noor).getByRole("button", { name: "Keep mine" }).click();
  await expect(panel(noor).getByText("Saved", { exact: true })).toBeVisible();
  const [record] = await recordsOf(demo, dataset);
  expect([record.expected, record.metadata, record.input]).toEqual(["About Half a size", { lang: "de" }, "How small?"]);

  await metadata(noor).focus();
  await noor.keyboard.press("Escape");
  await noor.keyboard.press("Escape");
  await expect(panel(noor)).toHaveCount(0);
  // Without the panel there is room for the column of metadata again, here and where the other looks on.
  await panel(mei).getByRole("button", { name: "Close the record" }).click();
  for (const page of [noor, mei]) await expect(grid(page, "Records").getByText('{"lang":"de"}')).toBeVisible();
  expect([...noor.problems, ...mei.problems]).toEqual([]);
});
