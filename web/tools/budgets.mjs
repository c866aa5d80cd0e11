/**
 * Holds the build to its weights: what everybody loads before the first paint, what the frame brings right after it,
 * what a page adds to both, and the WASM. Reads the manifest of the last build, prints a table and fails when something outgrew its budget. Sizes are those
 * that are served: brotli, thousands of bytes.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SHELL = 120;
/** All menus and dialogs of the frame together, with the popup code that pages share with them: most come at rest. */
const FRAME = 80;
const PAGE = 60;
/** Pages that edit reviews carry automerge and the editor. */
const REVIEW_PAGE = 210;
const REVIEW_PAGES = [
  "src/app/routes/trace.tsx",
  "src/app/routes/focus.tsx",
  // No page, but a review all the same: it comes when a record is opened beside its list.
  "src/app/routes/dataset/record-panel.tsx",
];
const WASM = 800;

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const manifestFile = join(dist, ".vite/manifest.json");
if (!existsSync(manifestFile)) {
  console.error("There is no build to weigh: run `npm run build` first.");
  process.exit(1);
}
/** @type {Record<string, { file: string; name?: string; isEntry?: boolean; imports?: string[]; dynamicImports?: string[] }>} */
const manifest = JSON.parse(readFileSync(manifestFile, "utf8"));

/** Everything that comes with these without being asked for, themselves included. */
function withImports(keys, seen = new Set()) {
  for (const key of keys) {
    if (seen.has(key)) continue;
    seen.add(key);
    withImports(manifest[key].imports ?? [], seen);
  }
  return seen;
}

const weight = (file) => statSync(join(dist, `${file}.br`)).size / 1000;
const sum = (keys) => [...keys].reduce((total, key) => total + weight(manifest[key].file), 0);

// index.html names the entry; what it preloads are the entry's own imports.
const entries = Object.keys(manifest).filter((key) => manifest[key].isEntry);
const shell = withImports(entries);
const beyond = (keys, before) => [...withImports(keys)].filter((key) => !before.has(key));
const under = (folder) => Object.keys(manifest).filter((key) => key.startsWith(folder));
// The palette brings a popup library of its own and comes last, when the page is at rest.
const frame = beyond(
  under("src/app/frame/").filter((key) => !key.includes("palette")),
  shell,
);
const before = new Set([...shell, ...frame]);
const rows = [
  { name: "shell", size: sum(shell), budget: SHELL },
  { name: "frame", size: sum(frame), budget: FRAME },
];

for (const key of under("src/app/routes/")) {
  rows.push({
    name: key.replace("src/app/routes/", "").replace(/\.tsx?$/, ""),
    size: sum(beyond([key], before)),
    budget: REVIEW_PAGES.includes(key) ? REVIEW_PAGE : PAGE,
  });
}
const wasm = Object.values(manifest).find((part) => part.file.endsWith(".wasm"));
if (!wasm) throw new Error("the build has no WASM: reviews cannot be edited");
rows.push({ name: "WASM", size: weight(wasm.file), budget: WASM });

for (const { name, size, budget } of rows) {
  const mark = size > budget ? "  too heavy" : "";
  console.log(`${name.padEnd(16)} ${size.toFixed(1).padStart(6)} of ${String(budget).padStart(3)} kB${mark}`);
}
const heavy = rows.filter(({ size, budget }) => size > budget);
if (heavy.length > 0) {
  console.error(
    `${heavy.map((row) => row.name).join(", ")}: over budget. Move what the first paint does not need behind import().`,
  );
  process.exit(1);
}
