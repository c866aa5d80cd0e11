/** What a public page needs to give feedback, ready to paste. Pure. */

interface About {
  server: string;
  projectId: string;
  key: string;
  /** Scores that the key may give. */
  scores: readonly string[];
}

/** Texts inside a script element must not end it. */
const text = (value: string) => JSON.stringify(value).replaceAll("<", "\\u003c");

/**
 * A function that gives feedback on one row: under one id however often it is sent, again when the server is busy or out of
 * reach for a moment.
 */
export function snippet({ server, projectId, key, scores }: About): string {
  const first = scores[0] ?? "score";
  return `<script>
  // row: the id that your application logged the answer under.
  // scores: ${scores.map((name) => text(name)).join(", ")}, each a number from 0 to 1. user: anything that names the person to you.
  async function giveFeedback(row, scores, { comment, user } = {}) {
    const feedback_id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
    const item = { id: row, feedback_id, source: "external", scores, comment, metadata: user && { user_id: String(user) } };
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const answer = await fetch(${text(`${server}/v1/project_logs/${projectId}/feedback`)}, {
        method: "POST",
        keepalive: true,
        headers: { authorization: ${text(`Bearer ${key}`)}, "content-type": "application/json" },
        body: JSON.stringify({ feedback: [item] }),
      }).catch(() => null);
      if (answer && answer.status !== 429 && answer.status < 500) return answer.ok;
      const wait = Number(answer?.headers.get("retry-after")) || 2 ** attempt;
      await new Promise((resolve) => setTimeout(resolve, wait * 1000));
    }
    return false;
  }
</script>

<button onclick="giveFeedback('ID OF THE ROW', { [${attribute(first)}]: 1 })">Good answer</button>
<button onclick="giveFeedback('ID OF THE ROW', { [${attribute(first)}]: 0 })">Bad answer</button>
`;
}

/** A name as a text of a script inside an attribute. */
function attribute(name: string): string {
  const quoted = `'${name.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  return quoted.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
