/**
 * Which of our own changes are not yet known to be on the server's disk.
 *
 * The server names heads it has stored; a change is safe once it is one of them or an ancestor. Heads that we have
 * not received yet (somebody else's newer changes) are kept until they arrive.
 */
import * as A from "@automerge/automerge/slim";

/** Heads to remember until their changes arrive; newer ones say more than older ones. */
const MOST_HEADS = 64;

export class Unsaved {
  #mine = new Set<string>();
  #heads: string[];

  constructor(doc: A.Doc<unknown>) {
    this.#heads = A.getHeads(doc);
  }

  get count(): number {
    return this.#mine.size;
  }

  /** Our own change made `doc`; its hash is the only head. */
  made(doc: A.Doc<unknown>): void {
    for (const head of A.getHeads(doc)) this.#mine.add(head);
  }

  /** The server has stored `heads`. Call it with none after any arrival, to use heads that were unknown before. */
  stored(doc: A.Doc<unknown>, heads: readonly string[]): void {
    this.#heads = [...this.#heads, ...heads].slice(-MOST_HEADS);
    if (this.#mine.size === 0 && heads.length === 0) return;
    const known = this.#heads.filter((head) => A.hasHeads(doc, [head]));
    const open = new Set(A.getChangesMetaSince(doc, known).map((meta) => meta.hash));
    for (const hash of this.#mine) if (!open.has(hash)) this.#mine.delete(hash);
  }

  /** Refused changes are gone, not waiting. */
  dropped(hashes: ReadonlySet<string>): void {
    for (const hash of hashes) this.#mine.delete(hash);
  }
}
