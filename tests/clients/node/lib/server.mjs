/**
 * The built server as a child process: on a free port, in its own temporary folder, stopped with the test. Its data is a
 * file there; with CONCORD_TEST_STORE=postgres a schema of the PostgreSQL that CONCORD_TEST_POSTGRES names.
 */
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const checkout = fileURLToPath(new URL("../../../..", import.meta.url));

/** `make` sets CONCORD_BIN; by hand, the release build of this checkout. */
export const binary = process.env.CONCORD_BIN ?? resolve(checkout, "target/release/concord");

export const OWNER = { email: "owner@acme.example", password: "a long enough pass phrase", key: "sk-owner-0123456789abcdef0123456789" };

/** How long a start may take: a debug build on a busy machine, not a target. */
const START_MS = 30_000;

/** The URL of a database that nobody else uses, and how to be rid of it. */
function freshDatabase(folder) {
  if (process.env.CONCORD_TEST_STORE !== "postgres") return { url: `sqlite://${join(folder, "concord.db")}`, drop() {} };
  const server = process.env.CONCORD_TEST_POSTGRES;
  if (!server) throw new Error("CONCORD_TEST_POSTGRES names no PostgreSQL; say tests/setup/postgres.sh npm test");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const run = (sql) => execFileSync("psql", ["--quiet", "--dbname", server, "--command", sql], { stdio: ["ignore", "ignore", "pipe"] });
  run(`create schema ${name}`);
  return { url: `${server}?options=-csearch_path%3D${name}`, drop: () => run(`drop schema ${name} cascade`) };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export class Server {
  /** Starts a server with one organization, `acme`, and its owner's key. */
  static async start({ args = [], env = {} } = {}) {
    const folder = mkdtempSync(join(tmpdir(), "concord-test-"));
    const port = await freePort();
    const server = new Server(folder, freshDatabase(folder), port, args, env);
    await server.run();
    return server;
  }

  constructor(folder, database, port, args, env) {
    this.folder = folder;
    this.database = database;
    this.url = `http://127.0.0.1:${port}`;
    this.socketUrl = `ws://127.0.0.1:${port}`;
    this.args = args;
    this.env = {
      ...process.env,
      CONCORD_LISTEN: `127.0.0.1:${port}`,
      CONCORD_PUBLIC_URL: this.url,
      CONCORD_DATABASE_URL: database.url,
      CONCORD_ORG: "acme",
      CONCORD_ADMIN_EMAIL: OWNER.email,
      CONCORD_ADMIN_PASSWORD: OWNER.password,
      CONCORD_ADMIN_API_KEY: OWNER.key,
      ...env,
    };
  }

  /** Starts the process; also again, on the same data and port, after `stop` or `kill`. */
  async run() {
    this.output = "";
    this.child = spawn(binary, ["serve", ...this.args], { env: this.env, cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
    this.exited = new Promise((resolve) => {
      this.child.once("exit", (code, signal) => resolve({ code, signal }));
      this.child.once("error", (error) => resolve({ error }));
    });
    const ready = new Promise((resolve) => {
      const read = (chunk) => {
        this.output = (this.output + chunk).slice(-100_000);
        if (/^listening on http/m.test(this.output)) resolve("ready");
      };
      this.child.stdout.setEncoding("utf8").on("data", read);
      this.child.stderr.setEncoding("utf8").on("data", read);
    });
    const late = new Promise((resolve) => setTimeout(resolve, START_MS, "late").unref());
    const first = await Promise.race([ready, this.exited, late]);
    if (first !== "ready") {
      this.child.kill("SIGKILL");
      throw new Error(`${binary} serve did not start (${JSON.stringify(first)}):\n${this.output}`);
    }
  }

  /** Ends it as an operator would; resolves to `{code, signal}`. */
  stop() {
    this.child.kill("SIGTERM");
    return this.exited;
  }

  /** Ends it as a power cut would, as far as the process is concerned. */
  kill() {
    this.child.kill("SIGKILL");
    return this.exited;
  }

  /** Stops it and removes its folder. */
  async close() {
    this.child.kill("SIGKILL");
    await this.exited;
    this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs another subcommand on the same data and returns what it printed. */
  command(...args) {
    return execFileSync(binary, args, { env: this.env, cwd: this.folder, encoding: "utf8" });
  }

  /** One call; returns the parsed body, throws with the problem's text on anything but 2xx. */
  async api(method, path, body, key = OWNER.key) {
    const { status, body: answer } = await this.call(method, path, body, key);
    if (status < 200 || status > 299) throw Object.assign(new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`), { status, problem: answer });
    return answer;
  }

  /** One call, whatever its status. */
  async call(method, path, body, key = OWNER.key) {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        // Told apart from the SDK, which has no name of its own either.
        "user-agent": "concord-tests",
        ...(key && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    try {
      return { status: response.status, body: text && JSON.parse(text) };
    } catch {
      return { status: response.status, body: text };
    }
  }
}
