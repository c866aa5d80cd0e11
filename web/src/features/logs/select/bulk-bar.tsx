import { useQuery } from "@tanstack/react-query";
import { Check, CircleCheck, CircleDashed, CircleDot, Database, Flag, Tag, UserPlus, X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { type BulkChange, type BulkTarget, changeMany, countQuery } from "@/api/find.ts";
import type { Place } from "@/api/place.ts";
import { problemText } from "@/api/problem.ts";
import { membersQuery } from "@/api/queries.ts";
import type { ReviewStatus } from "@/api/types.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { count, plural } from "@/lib/format.ts";
import { may } from "@/lib/role.ts";
import { Button } from "@/ui/button.tsx";
import { Menu, MenuItem } from "@/ui/menu.tsx";
import { Popover } from "@/ui/popover.tsx";
import { toast } from "@/ui/toasts.tsx";
import type { ListActions } from "../list-actions.ts";
import { NO_SELECTION, type Selection } from "./selection.ts";

interface Props {
  place: Place;
  /** Of the list; empty for everything. */
  filter: string;
  selection: Selection;
  onSelect: (selection: Selection) => void;
  /** Rows that are loaded. */
  loaded: number;
  tags: readonly string[];
  actions: ListActions;
  onDone: () => void;
}

const STATUSES: { value: ReviewStatus; label: string; icon: ReactNode }[] = [
  { value: "none", label: "Not flagged", icon: <CircleDashed className="icon" aria-hidden="true" /> },
  {
    value: "awaiting",
    label: "Awaiting review",
    icon: <Flag className="icon text-warn" aria-hidden="true" />,
  },
  { value: "in_progress", label: "In progress", icon: <CircleDot className="icon" aria-hidden="true" /> },
  {
    value: "complete",
    label: "Complete",
    icon: <CircleCheck className="icon text-pass" aria-hidden="true" />,
  },
];

/** The traces that a filter finds, by their roots: reviews of traces stand there. */
export function rootsOf(filter: string): string {
  if (filter === "") return "is_root";
  // `any_span` stands at one level only: a filter that uses it says already which spans of a trace it means.
  return /\bany_span\s*\(/i.test(filter) ? `is_root and (${filter})` : `is_root and any_span(${filter})`;
}

/** What can be done to the selected traces, or to all that match, with their number. */
export function BulkBar({ place, filter, selection, onSelect, loaded, tags, actions, onDone }: Props) {
  const { object, noun } = place;
  const everything = rootsOf(filter);
  const counted = useQuery({
    ...countQuery(object, everything),
    enabled: selection.ids.size > 0 || selection.all,
  });
  const [busy, setBusy] = useState(false);
  const clear = () => onSelect(NO_SELECTION);
  const latest = useRef(clear);
  latest.current = clear;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const inside = (event.target as Element | null)?.closest?.(
        "input, textarea, [role=dialog], [role=menu]",
      );
      if (event.key === "Escape" && !event.defaultPrevented && !inside) latest.current();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  const all = counted.data;
  const allText = all ? `${all.rows_are === "at_least" ? "at least " : ""}${plural(all.rows, noun)}` : "";

  const target: BulkTarget = selection.all ? { filter: everything } : { row_ids: [...selection.ids] };
  const add = () =>
    actions.add(target, selection.all ? `all ${allText}` : plural(selection.ids.size, noun), clear);
  useCommand("logs.addToDataset", add);

  const run = async (change: BulkChange, done: string) => {
    setBusy(true);
    try {
      const { changed } = await changeMany(object, target, change);
      toast({ title: `${plural(changed, noun)} ${done}` });
      clear();
      onDone();
    } catch (error) {
      toast({ title: "Nothing was changed", body: problemText(error), tone: "fail" });
    } finally {
      setBusy(false);
    }
  };

  return (
    <section
      aria-label="Selection"
      aria-busy={busy || undefined}
      className="flex min-h-11 flex-none flex-wrap items-center gap-1.5 border-t border-line bg-surface px-3 py-1.5 shadow-2 md:px-5"
    >
      <span className="num font-medium">
        {selection.all ? `All ${allText} that match` : `${count(selection.ids.size)} selected`}
      </span>
      {!selection.all && all && all.rows > selection.ids.size && selection.ids.size > 0 && (
        <Button
          kind="ghost"
          onClick={() => onSelect({ ...NO_SELECTION, all: true })}
          className="text-accent-ink!"
        >
          {filter === "" ? `Select all ${allText}` : `Select all ${allText} that match`}
          {selection.ids.size < loaded && <span className="sr-only">, loaded or not</span>}
        </Button>
      )}
      <span className="flex-1" />
      <Button
        disabled={busy}
        onClick={() => void run({ status: "awaiting" }, "flagged for review")}
        icon={<Flag className="icon" aria-hidden="true" />}
      >
        Flag
      </Button>
      <Assign disabled={busy} onAssign={(id, name) => void run({ assign: [id] }, `assigned to ${name}`)} />
      <AddTag
        disabled={busy}
        tags={tags}
        onAdd={(tag) => void run({ tags: { add: [tag] } }, `tagged ${tag}`)}
      />
      <Menu
        side="top"
        align="end"
        label="Review status"
        trigger={
          <Button disabled={busy} icon={<CircleDot className="icon" aria-hidden="true" />}>
            Status
          </Button>
        }
      >
        {STATUSES.map(({ value, label, icon }) => (
          <MenuItem
            key={value}
            icon={icon}
            onPress={() => void run({ status: value }, `set to ${label.toLowerCase()}`)}
          >
            {label}
          </MenuItem>
        ))}
      </Menu>
      <Button
        disabled={busy}
        onClick={add}
        command="logs.addToDataset"
        icon={<Database className="icon" aria-hidden="true" />}
      >
        Add to dataset
      </Button>
      {actions.exportControl(target, "top")}
      <Button
        kind="ghost"
        square
        aria-label="Clear the selection"
        onClick={clear}
        icon={<X className="icon" aria-hidden="true" />}
      />
    </section>
  );
}

function Assign({ disabled, onAssign }: { disabled: boolean; onAssign: (id: string, name: string) => void }) {
  const members = useQuery(membersQuery).data ?? [];
  return (
    <Menu
      side="top"
      align="end"
      label="Assign to"
      trigger={
        <Button disabled={disabled} icon={<UserPlus className="icon" aria-hidden="true" />}>
          Assign
        </Button>
      }
    >
      {members
        .filter((member) => !member.disabled && may(member.role, "review"))
        .map((member) => (
          <MenuItem key={member.id} onPress={() => onAssign(member.id, member.name)}>
            {member.name}
          </MenuItem>
        ))}
    </Menu>
  );
}

function AddTag({
  disabled,
  tags,
  onAdd,
}: {
  disabled: boolean;
  tags: readonly string[];
  onAdd: (tag: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const add = (tag: string) => {
    if (tag.trim() === "") return;
    setOpen(false);
    setText("");
    onAdd(tag.trim());
  };
  const offered = tags.filter((tag) => tag.toLowerCase().includes(text.trim().toLowerCase())).slice(0, 12);
  return (
    <Popover
      label="Add a tag"
      side="top"
      align="end"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button disabled={disabled} icon={<Tag className="icon" aria-hidden="true" />}>
          Tag
        </Button>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add(text);
        }}
      >
        <input
          // The popover was opened to type here.
          // biome-ignore lint/a11y/noAutofocus: focus follows the person's own action
          autoFocus
          aria-label="Tag"
          placeholder="Type a tag, Enter adds it"
          maxLength={128}
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="block h-8 w-full rounded-btn border border-control bg-surface px-2.5"
        />
      </form>
      {offered.length > 0 && (
        <ul aria-label="Tags to choose from" className="mt-1.5 flex flex-col">
          {offered.map((tag) => (
            <li key={tag}>
              <button
                type="button"
                onClick={() => add(tag)}
                className="flex h-7 w-full items-center gap-2 rounded-chip px-2 text-left hover:bg-hover coarse:h-11"
              >
                <Check className="icon invisible" aria-hidden="true" />
                <span className="truncate">{tag}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Popover>
  );
}
