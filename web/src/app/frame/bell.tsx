import { Bell as Icon } from "lucide-react";
import { useEffect } from "react";
import { cx } from "@/ui/cx.ts";
import { latePart } from "../late-part.ts";

export interface BellProps {
  wide: boolean;
  side: "top" | "bottom" | "right";
}

const part = latePart(() => import("./bell-button.tsx").then((module) => module.BellButton));

/** What the viewer was told is a press away; its code comes after the first paint. */
export function Bell(props: BellProps) {
  const Button = part.use();
  useEffect(() => void part.fetch(), []);
  if (Button) return <Button {...props} />;
  return (
    <span
      aria-hidden="true"
      className={cx("grid flex-none place-items-center text-ink-3", props.wide ? "size-7" : "size-[34px]")}
    >
      <Icon className="icon" />
    </span>
  );
}
