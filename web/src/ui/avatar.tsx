import { initials } from "@/lib/format.ts";
import { personColour } from "@/lib/people.ts";
import { cx } from "./cx.ts";

const colours = {
  p1: "bg-p1-soft text-p1",
  p2: "bg-p2-soft text-p2",
  p3: "bg-p3-soft text-p3",
  p4: "bg-p4-soft text-p4",
} as const;

interface Props {
  id: string;
  name: string;
  /** The viewer's id, whose colour is always the same. */
  viewer: string | null;
  small?: boolean;
  /** False where the name stands beside it. */
  labelled?: boolean;
}

/** A person's initials in their colour. */
export function Avatar({ id, name, viewer, small = false, labelled = true }: Props) {
  const label = labelled ? { role: "img", "aria-label": name, title: name } : { "aria-hidden": true };
  return (
    <span
      {...label}
      className={cx(
        "inline-flex flex-none items-center justify-center rounded-full font-semibold tracking-normal shadow-[0_0_0_1.5px_var(--surface)]",
        small ? "size-[18px] text-[8.5px]" : "size-[22px] text-[9.5px]",
        colours[personColour(id, viewer)],
      )}
    >
      {initials(name)}
    </span>
  );
}

/** Up to four people, then "+n". */
export function AvatarRow({
  people,
  viewer,
  label,
}: {
  people: { id: string; name: string }[];
  viewer: string | null;
  label: string;
}) {
  if (people.length === 0) return null;
  const shown = people.slice(0, 4);
  return (
    <span className="inline-flex items-center [&>span+span]:-ml-0.5" role="group" aria-label={label}>
      {shown.map((person) => (
        <Avatar key={person.id} id={person.id} name={person.name} viewer={viewer} />
      ))}
      {people.length > 4 && <span className="pl-2 text-small text-ink-3">+{people.length - 4}</span>}
    </span>
  );
}
