import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/**
 * automerge-repo holds every outgoing sync message back for up to 100 ms, in a class field that no
 * option reaches. 8 ms keeps its batching and lets a keystroke reach the other screen within a frame
 * or two. The build fails when the library changes, so the number cannot go stale silently.
 */
const fastSync: Plugin = {
  name: "automerge-fast-sync",
  enforce: "pre",
  transform(code, id) {
    if (!id.includes("automerge-repo/dist/synchronizer/DocSynchronizer.js")) return;
    if (!code.includes("syncDebounceRate = 100")) {
      this.error("automerge-repo changed: revisit the sync delay in vite.config.ts");
    }
    return { code: code.replace("syncDebounceRate = 100", "syncDebounceRate = 8"), map: null };
  },
};

const server = "http://127.0.0.1:8484";

export default defineConfig({
  plugins: [react(), tailwindcss(), fastSync],
  resolve: {
    alias: [
      { find: "@", replacement: fileURLToPath(new URL("./src", import.meta.url)) },
      // One copy of automerge, always the slim one, also inside third-party packages: its WASM is a
      // separate file that only review pages load.
      { find: /^@automerge\/automerge$/, replacement: "@automerge/automerge/slim" },
      { find: /^@automerge\/automerge-repo$/, replacement: "@automerge/automerge-repo/slim" },
    ],
    dedupe: ["react", "react-dom", "@codemirror/state", "@codemirror/view"],
  },
  build: {
    target: "baseline-widely-available",
    sourcemap: false,
    // For tools/budgets.mjs.
    manifest: true,
    modulePreload: { polyfill: false },
    // No data: addresses: the content security policy allows fonts and styles from our origin only.
    assetsInlineLimit: 0,
    // WASM and editor chunks are large by nature and only loaded on review pages.
    chunkSizeWarningLimit: 900,
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": server,
      "/v1": server,
      "/sync": { target: server, ws: true },
      "/live": { target: server, ws: true },
    },
  },
});
