/** Waiting for what must come to be, without guessing how long it takes. */

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Calls `probe` until it returns something truthy, and returns that. A failure says what was awaited and what was seen
 * last, or the error of the last try.
 */
export async function eventually(what, probe, { timeout = 15_000, every = 20 } = {}) {
  const end = Date.now() + timeout;
  let last;
  for (;;) {
    try {
      last = await probe();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(`not within ${timeout} ms: ${what}; last: ${last?.stack ?? JSON.stringify(last)}`);
    }
    await sleep(every);
  }
}

/** Runs `work` over items, at most `width` at a time. */
export async function each(items, width, work) {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
