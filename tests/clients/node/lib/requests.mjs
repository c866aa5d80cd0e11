/**
 * Holds the access logs of the client tests against `tests/clients/requests.json`: every request that is listed there must have
 * been answered well for every client that makes it. `node lib/requests.mjs FOLDER`; the folder has a log for each suite.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Which log tells of a client, and what it calls itself. The tests' own calls name themselves otherwise. */
const CLIENTS = {
  "python-sdk": { log: "python-0.48.1", agent: /^python-requests\// },
  "python-sdk-old": { log: "python-0.30.1", agent: /^python-requests\// },
  "ts-sdk": { log: "node", agent: /^node$/ },
  "rest-python": { log: "python-0.48.1", agent: /^Braintrust\/Python / },
  "rest-ts": { log: "node", agent: /^Braintrust\/JS / },
  "ts-otel": { log: "node", agent: /^OTel-OTLP-Exporter-JavaScript\// },
  "python-otel": { log: "python-0.48.1", agent: /^OTel-OTLP-Exporter-Python\// },
};

const folder = process.argv[2];
if (!folder) throw new Error("usage: requests.mjs FOLDER");
const read = (name) => readFileSync(join(folder, `${name}.log`), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
const logs = Object.fromEntries([...new Set(Object.values(CLIENTS).map(({ log }) => log))].map((name) => [name, read(name)]));

const clients = fileURLToPath(new URL("../..", import.meta.url));
const tests = ["python", "node/test"].flatMap((place) =>
  readdirSync(join(clients, place))
    .filter((name) => /^test_.*\.py$|\.test\.mjs$/.test(name))
    .map((name) => readFileSync(join(clients, place, name), "utf8")),
);

/** Routes whose parameters have other names are the same. */
const shape = (route) => route?.replace(/\{[^}]*\}/g, "{}");
const { requests } = JSON.parse(readFileSync(join(clients, "requests.json"), "utf8"));
const missing = [];
let seen = 0;
for (const { call, method, route, clients: who, test } of requests) {
  for (const client of who) {
    const { log, agent } = CLIENTS[client];
    const found = logs[log].some(
      (line) => line.method === method && shape(line.route) === shape(route) && line.status < 400 && agent.test(line.agent ?? ""),
    );
    if (found) seen += 1;
    else missing.push(`${method} ${route} by ${client} (${call})`);
  }
  // Requests that differ by their bodies alone: a test of this name says what the body does.
  if (test && !tests.some((text) => text.includes(test))) missing.push(`the test ${JSON.stringify(test)} (${call})`);
}
if (missing.length > 0) {
  console.error(`not seen in ${folder}:\n  ${missing.join("\n  ")}`);
  const agents = Object.entries(logs).map(([name, lines]) => `${name}: ${[...new Set(lines.map((line) => line.agent))].join(", ")}`);
  console.error(`clients seen:\n  ${agents.join("\n  ")}`);
  process.exit(1);
}
console.log(`${requests.length} requests, each made by every client that makes it (${seen} pairs)`);
