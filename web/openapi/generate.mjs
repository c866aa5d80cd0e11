/**
 * Writes `web/src/api/schema.ts`: the types of what the server takes and answers, of the document that it answers at
 * `/openapi.json`. `--check` fails instead when the file is not what would be written. CONCORD_BIN is the server's binary.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const binary = process.env.CONCORD_BIN ?? resolve(checkout, "target/debug/concord");
const target = resolve(checkout, "web/src/api/schema.ts");

const HEAD = `// Made by \`make web-types\` of what the server answers at /openapi.json. Not written by hand.

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
`;

/** What a schema may say besides words about it; one that says none of it is any JSON value. */
const SAYS = ["type", "$ref", "oneOf", "anyOf", "allOf", "enum", "const", "properties", "items"];

const description = JSON.parse(execFileSync(binary, ["openapi"], { encoding: "utf8", maxBuffer: 1 << 26 }));
const types = await openapiTS(
  // The app writes its paths by itself: the types of bodies are what it shares with the server.
  { ...description, paths: {} },
  {
    alphabetize: true,
    transform: (schema) => (SAYS.some((word) => word in schema) ? undefined : ts.factory.createTypeReferenceNode("Json")),
  },
);
const text = `${HEAD}\n${astToString(types)}`;

if (process.argv.includes("--check")) {
  let found = "";
  try {
    found = readFileSync(target, "utf8");
  } catch {}
  if (found !== text) {
    console.error("web/src/api/schema.ts is not what the server's /openapi.json says: run `make web-types` and commit it");
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
