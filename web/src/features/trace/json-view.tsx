import { useState } from "react";
import type { Json } from "@/api/types.ts";
import { CopyButton } from "./copy-button.tsx";
import { FilterLink, targetOf } from "./filter-link.tsx";

/** Items of one list or object on screen before the rest is asked for. */
const CHUNK = 30;
/** A string longer than this is cut until somebody wants all of it. */
const LONG = 600;
/** Levels that are open at first. */
const OPEN_DEPTH = 2;

type Branch = Json[] | { [key: string]: Json };

const isBranch = (value: Json): value is Branch => typeof value === "object" && value !== null;
const sizeOf = (value: Branch) => (Array.isArray(value) ? value.length : Object.keys(value).length);

/** True for values that read best on one line. */
function isShort(value: Json): boolean {
  return !isBranch(value) || sizeOf(value) === 0 || (JSON.stringify(value).length < 60 && !hasBranch(value));
}
const hasBranch = (value: Branch) => Object.values(value).some(isBranch);

/** Names and places that lead to a value, as filters write them; `null` where nothing is to be filtered by. */
type Path = readonly (string | number)[] | null;

const below = (path: Path, key: string | number): Path => path && [...path, key];

/** A JSON value: pretty, folding, to copy. With `path`, its plain values lead to all rows that have the same. */
export function JsonView({
  value,
  label,
  openDepth = OPEN_DEPTH,
  path = null,
}: {
  value: Json;
  label: string;
  openDepth?: number;
  path?: Path;
}) {
  return (
    <div className="group/json relative rounded-btn bg-sunken">
      <div
        role="group"
        tabIndex={0}
        aria-label={label}
        className="mono overflow-x-auto px-3 py-2 text-code [overflow-wrap:anywhere]"
      >
        <Value value={value} left={openDepth} path={path} />
      </div>
      <CopyButton
        label={`Copy ${label}`}
        text={() => (typeof value === "string" ? value : JSON.stringify(value, null, 2))}
        className="absolute! top-1 right-1 bg-sunken opacity-0 focus-visible:opacity-100 group-hover/json:opacity-100 coarse:size-7! coarse:opacity-100"
      />
    </div>
  );
}

/** `left`: how many levels are still open at first. */
function Value({ value, left, path }: { value: Json; left: number; path: Path }) {
  if (!isBranch(value)) return <Leaf value={value} path={path} />;
  if (isShort(value)) return <OneLine value={value} path={path} />;
  return <Folding value={value} left={left} path={path} />;
}

type Plain = null | boolean | number | string;

function Leaf({ value, path }: { value: Plain; path: Path }) {
  const target = path && targetOf(path, value);
  if (!target) return <PlainValue value={value} />;
  return (
    <span className="group/leaf relative">
      <PlainValue value={value} />
      <FilterLink target={target} />
    </span>
  );
}

function PlainValue({ value }: { value: Plain }) {
  const [all, setAll] = useState(false);
  if (typeof value !== "string") return <span className="text-tool">{String(value)}</span>;
  const text = JSON.stringify(value);
  if (all || text.length <= LONG) return <span className="text-pass whitespace-pre-wrap">{text}</span>;
  return (
    <span className="text-pass whitespace-pre-wrap">
      {text.slice(0, LONG)}…{" "}
      <More onPress={() => setAll(true)}>
        Show {(text.length - LONG).toLocaleString("en-US")} more characters
      </More>
    </span>
  );
}

function OneLine({ value, path }: { value: Branch; path: Path }) {
  const [start, end] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const entries = Object.entries(value);
  return (
    <span>
      <Mark>{start}</Mark>
      {entries.map(([key, item], index) => (
        <span key={key}>
          {index === 0 && !Array.isArray(value) && " "}
          {!Array.isArray(value) && (
            <>
              <Key name={key} />
              {": "}
            </>
          )}
          {isBranch(item) ? (
            <OneLine value={item} path={below(path, Array.isArray(value) ? index : key)} />
          ) : (
            <Leaf value={item} path={below(path, Array.isArray(value) ? index : key)} />
          )}
          {index < entries.length - 1 ? ", " : !Array.isArray(value) && " "}
        </span>
      ))}
      <Mark>{end}</Mark>
    </span>
  );
}

/** The first plain values of a folded branch, to tell one from another. */
function preview(value: Branch): string {
  let text = "";
  for (const [key, item] of Object.entries(value)) {
    if (isBranch(item)) continue;
    const next = Array.isArray(value) ? JSON.stringify(item) : `${key}: ${JSON.stringify(item)}`;
    if (text.length + next.length > 60) break;
    text += `${next}, `;
  }
  return text;
}

function Folding({ value, left, path }: { value: Branch; left: number; path: Path }) {
  const [open, setOpen] = useState(left > 0);
  const [shown, setShown] = useState(CHUNK);
  const list = Array.isArray(value);
  const [start, end] = list ? ["[", "]"] : ["{", "}"];
  const entries = Object.entries(value);
  const what = list ? `${entries.length} items` : `${entries.length} keys`;
  const toggle = (
    <button
      type="button"
      aria-expanded={open}
      title={`${open ? "Fold" : "Unfold"} ${what}`}
      onClick={() => setOpen(!open)}
      className="rounded-cap px-0.5 text-ink-3 hover:bg-hover hover:text-ink"
    >
      {open ? start : `${start} ${preview(value)}… ${what} ${end}`}
    </button>
  );
  if (!open) return toggle;
  return (
    <>
      {toggle}
      <div className="border-l border-line pl-3 ml-1">
        {entries.slice(0, shown).map(([key, item], index) => (
          <div key={key}>
            {!list && (
              <>
                <Key name={key} />
                {": "}
              </>
            )}
            <Value value={item} left={left - 1} path={below(path, list ? index : key)} />
            {index < entries.length - 1 && <Mark>,</Mark>}
          </div>
        ))}
        {shown < entries.length && (
          <More onPress={() => setShown(shown + 10 * CHUNK)}>Show {entries.length - shown} more</More>
        )}
      </div>
      <Mark>{end}</Mark>
    </>
  );
}

const Key = ({ name }: { name: string }) => <span className="text-llm">{JSON.stringify(name)}</span>;
const Mark = ({ children }: { children: string }) => <span className="text-ink-3">{children}</span>;

function More({ onPress, children }: { onPress: () => void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      onClick={onPress}
      className="rounded-cap px-1 font-sans text-small font-medium text-accent-ink hover:bg-hover"
    >
      {children}
    </button>
  );
}
