import { type ReactNode, useState } from "react";

/** More than this is folded until somebody asks for it. */
const LINES = 40;
const CHARACTERS = 4000;

/** The beginning of a text that is too long to show at once; null when it is not. */
export function opening(text: string): { head: string; lines: number } | null {
  const lines = text.split("\n");
  if (lines.length <= LINES + 5 && text.length <= CHARACTERS * 1.2) return null;
  return { head: lines.slice(0, LINES).join("\n").slice(0, CHARACTERS), lines: lines.length };
}

/** A long text that opens on demand and closes again. */
export function Folded({ text, children }: { text: string; children: (text: string) => ReactNode }) {
  const [open, setOpen] = useState(false);
  const cut = opening(text);
  if (!cut) return children(text);
  const rest = cut.lines > LINES ? `${cut.lines} lines` : `${text.length.toLocaleString("en-US")} characters`;
  return (
    <>
      {children(open ? text : cut.head)}
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="mt-2 rounded-chip px-1.5 py-0.5 -ml-1.5 text-small font-medium text-accent-ink hover:bg-hover"
      >
        {open ? "Show less" : `Show ${rest}`}
      </button>
    </>
  );
}
