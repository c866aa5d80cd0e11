/**
 * Writes a brotli file beside every text-like file of the build, so that the server never compresses
 * per request. Quality 11 takes about six seconds for the WASM; tests set CONCORD_BROTLI_QUALITY=5.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const quality = Number(process.env.CONCORD_BROTLI_QUALITY ?? 11);
if (!Number.isInteger(quality) || quality < 0 || quality > 11) {
  throw new Error(`CONCORD_BROTLI_QUALITY must be a whole number from 0 to 11, not ${quality}`);
}

let count = 0;
for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
  if (!/\.(js|css|wasm|html|svg)$/.test(name)) continue;
  const bytes = readFileSync(join(dist, name));
  const packed = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  writeFileSync(join(dist, `${name}.br`), packed);
  count += 1;
}
console.log(`compressed ${count} files at quality ${quality}`);
