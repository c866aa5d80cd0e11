import { useQuery } from "@tanstack/react-query";
import { Check, ChevronDown, CircleCheck, CircleDashed, CircleDot, Flag, UserPlus } from "lucide-react";
import { useState } from "react";
import { membersQuery } from "@/api/queries.ts";
import { fullTime, when } from "@/lib/format.ts";
import { may } from "@/lib/role.ts";
import type { ReviewStatus } from "@/sync/document.ts";
import { assign, setStatus, unassign } from "@/sync/edit.ts";
import { useReviewPart } from "@/sync/use-review.ts";
import type { ReviewView } from "@/sync/view.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { cx } from "@/ui/cx.ts";
import { Menu, MenuRadio } from "@/ui/menu.tsx";
import { Popover } from "@/ui/popover.tsx";
import { Field } from "./field.tsx";
import { useScope } from "./scope.tsx";

export const STATUS_WORDS: Record<ReviewStatus, string> = {
  none: "Not flagged",
  awaiting: "Awaiting review",
  in_progress: "In progress",
  complete: "Complete",
};

const icons = { none: CircleDashed, awaiting: Flag, in_progress: CircleDot, complete: CircleCheck };
const tones: Record<ReviewStatus, string> = {
  none: "text-ink-3",
  awaiting: "text-warn",
  in_progress: "text-accent-ink",
  complete: "text-pass",
};

const statusOf = (view: ReviewView) => view.status;
const assigneesOf = (view: ReviewView) => view.assignees;

/** Where the review stands and who is asked to do it. */
export function StatusRow() {
  return (
    <div className="flex min-h-11 items-center gap-2 px-4 py-1.5">
      <Status />
      <span className="flex-1" />
      <Assignees />
    </div>
  );
}

function Status() {
  const { session, me, mayEdit, edit, person } = useScope();
  const status = useReviewPart(session, statusOf);
  const Icon = icons[status.value];
  const known = status.value !== "none" && status.at > 0;
  const title = known ? `${person(status.by).name}, ${fullTime(new Date(status.at))}` : undefined;
  const face = (
    <>
      <Icon className={cx("icon", tones[status.value])} aria-hidden="true" />
      {STATUS_WORDS[status.value]}
      {known && <span className="font-normal text-ink-3">{when(new Date(status.at), new Date())}</span>}
    </>
  );
  const look = "inline-flex h-7 items-center gap-1.5 rounded-btn text-[12.5px] font-medium";
  return (
    <Field pointer="/status">
      {mayEdit ? (
        <Menu
          label="Review status"
          trigger={
            <button
              type="button"
              title={title}
              className={`${look} -ml-1.5 px-1.5 hover:bg-hover coarse:h-10`}
            >
              <span className="sr-only">Status: </span>
              {face}
              <ChevronDown className="icon size-3! text-ink-3" aria-hidden="true" />
            </button>
          }
        >
          <MenuRadio
            value={status.value}
            onChange={(next) => edit((draft) => setStatus(draft, me, next, new Date()))}
            options={(Object.keys(STATUS_WORDS) as ReviewStatus[]).map((value) => ({
              value,
              label: STATUS_WORDS[value],
            }))}
          />
        </Menu>
      ) : (
        <span className={look} title={title}>
          {face}
        </span>
      )}
    </Field>
  );
}

function Assignees() {
  const { session, me, mayEdit, person } = useScope();
  const assignees = useReviewPart(session, assigneesOf);
  const [open, setOpen] = useState(false);
  const ids = Object.keys(assignees);
  const names = ids.map((id) => person(id).name).join(", ");
  const face = (
    <>
      {ids.slice(0, 4).map((id) => (
        <Avatar key={id} id={id} name={person(id).name} viewer={me} labelled={false} />
      ))}
      {ids.length > 4 && <span className="pl-2 text-small text-ink-3">+{ids.length - 4}</span>}
    </>
  );
  if (!mayEdit) {
    return ids.length === 0 ? null : (
      <span
        className="inline-flex items-center [&>span+span]:-ml-0.5"
        role="img"
        aria-label={`Assigned to ${names}`}
      >
        {face}
      </span>
    );
  }
  return (
    <Field pointer="/assignees">
      <Popover
        label="Assign reviewers"
        align="end"
        open={open}
        onOpenChange={setOpen}
        trigger={
          <button
            type="button"
            className="inline-flex h-7 items-center gap-1.5 rounded-btn px-1.5 text-small text-ink-3 hover:bg-hover hover:text-ink coarse:h-10"
          >
            <span className="inline-flex items-center [&>span+span]:-ml-0.5" aria-hidden="true">
              {face}
            </span>
            <UserPlus className="icon" aria-hidden="true" />
            {ids.length === 0 ? "Assign" : <span className="sr-only">Assigned to {names}. Change</span>}
            {ids.length === 0 && <span className="sr-only">reviewers</span>}
          </button>
        }
      >
        <MemberList />
      </Popover>
    </Field>
  );
}

function MemberList() {
  const { session, me, edit } = useScope();
  const assignees = useReviewPart(session, assigneesOf);
  const { data, isPending } = useQuery(membersQuery);
  const [filter, setFilter] = useState("");
  const all = (data ?? []).filter((member) => !member.disabled && may(member.role, "review"));
  const shown = all
    .filter((member) => member.name.toLowerCase().includes(filter.trim().toLowerCase()))
    .sort((a, b) => Number(b.id === me) - Number(a.id === me) || a.name.localeCompare(b.name));
  const toggle = (id: string) =>
    edit((draft) => (assignees[id] ? unassign(draft, id) : assign(draft, me, id, new Date())));
  return (
    <>
      {all.length > 8 && (
        <input
          type="search"
          aria-label="Find a member"
          placeholder="Find a member"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          className="mb-1 block h-8 w-full rounded-btn border border-control bg-surface px-2.5"
        />
      )}
      {isPending && <p className="px-2 py-1.5 text-small text-ink-3">Loading members</p>}
      <ul aria-label="Members">
        {shown.map((member) => {
          const on = assignees[member.id] !== undefined;
          return (
            <li key={member.id}>
              <button
                type="button"
                role="checkbox"
                aria-checked={on}
                onClick={() => toggle(member.id)}
                className="flex h-8 w-full items-center gap-2 rounded-chip px-2 hover:bg-hover coarse:h-11"
              >
                <Avatar id={member.id} name={member.name} viewer={me} small labelled={false} />
                <span className="min-w-0 flex-1 truncate text-left">
                  {member.name}
                  {member.id === me && <span className="text-ink-3"> (you)</span>}
                </span>
                {on && <Check className="icon text-accent-ink" aria-hidden="true" />}
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
