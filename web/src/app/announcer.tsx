import { useAnnouncement } from "@/lib/announce.ts";

/** The one polite live region; see `lib/announce.ts`. */
export function Announcer() {
  const { text, serial } = useAnnouncement();
  return (
    <div aria-live="polite" className="sr-only">
      <span key={serial}>{text}</span>
    </div>
  );
}
