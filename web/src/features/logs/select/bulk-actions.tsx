import { useQuery } from "@tanstack/react-query";
import { Check, CircleCheck, CircleDashed, CircleDot, Flag, Tag, UserPlus } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { BulkChange } from "@/api/find.ts";
import { membersQuery } from "@/api/queries.ts";
import type { ReviewStatus } from "@/api/types.ts";
import { may } from "@/lib/role.ts";
import { Button } from "@/ui/button.tsx";
import { Menu, MenuItem } from "@/ui/menu.tsx";
import { Popover } from "@/ui/popover.tsx";

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

interface Props {
  disabled: boolean;
  tags: readonly string[];
  /** `done` says it in the past: "flagged for review". */
  onChange: (change: BulkChange, done: string) => void;
}

/** What can be done to the reviews of many rows at once. */
export function BulkActions({ disabled, tags, onChange }: Props) {
  return (
    <>
      <Button
        disabled={disabled}
        onClick={() => onChange({ status: "awaiting" }, "flagged for review")}
        icon={<Flag className="icon" aria-hidden="true" />}
      >
        Flag
      </Button>
      <Assign
        disabled={disabled}
        onAssign={(id, name) => onChange({ assign: [id] }, `assigned to ${name}`)}
      />
      <AddTag
        disabled={disabled}
        tags={tags}
        onAdd={(tag) => onChange({ tags: { add: [tag] } }, `tagged ${tag}`)}
      />
      <Menu
        side="top"
        align="end"
        label="Review status"
        trigger={
          <Button disabled={disabled} icon={<CircleDot className="icon" aria-hidden="true" />}>
            Status
          </Button>
        }
      >
        {STATUSES.map(({ value, label, icon }) => (
          <MenuItem
            key={value}
            icon={icon}
            onPress={() => onChange({ status: value }, `set to ${label.toLowerCase()}`)}
          >
            {label}
          </MenuItem>
        ))}
      </Menu>
    </>
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
