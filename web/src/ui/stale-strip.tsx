import { useEffect, useState } from "react";

/** A break shorter than this is not worth a word. */
const PATIENCE_MS = 4000;

/** Says that what is shown may be behind, and since when; nothing while all is live. */
export function StaleStrip({ stale }: { stale: boolean }) {
  const [since, setSince] = useState<Date | null>(null);
  useEffect(() => {
    if (!stale) {
      setSince(null);
      return;
    }
    const at = new Date();
    const timer = setTimeout(() => setSince(at), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [stale]);
  if (!since) return null;
  const clock = since.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return (
    <p role="status" className="flex-none border-b border-line bg-warn-soft px-5 py-1 text-small text-warn">
      Not live: what is shown is as it was at {clock}.
    </p>
  );
}
