/**
 * Runs a command against a fresh server: `node with-server.mjs COMMAND ARGS…`. The command finds the server in
 * CONCORD_URL, its owner's key in CONCORD_API_KEY; the exit code is the command's.
 */
import { spawn } from "node:child_process";
import { OWNER, Server } from "./server.mjs";

const [command, ...args] = process.argv.slice(2);
if (!command) throw new Error("usage: with-server.mjs COMMAND ARGS…");
const server = await Server.start();
const child = spawn(command, args, {
  stdio: "inherit",
  env: { ...process.env, CONCORD_URL: server.url, CONCORD_API_KEY: OWNER.key, CONCORD_ORG_NAME: "acme" },
});
const code = await new Promise((resolve) => {
  child.once("exit", (status) => resolve(status ?? 1));
  child.once("error", (error) => {
    console.error(`${command} did not start: ${error.message}`);
    resolve(127);
  });
});
if (code !== 0) console.error(server.output);
await server.close();
process.exit(code);
