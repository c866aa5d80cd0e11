import { type ComponentType, cloneElement, type ReactElement, useEffect, useRef, useState } from "react";
import { toast } from "@/ui/toasts.tsx";
import type { LatePart } from "../late-part.ts";

type Trigger = ReactElement<Record<string, unknown>>;

/** What the menu itself is given once its code is here. */
export interface LateMenuProps {
  trigger: Trigger;
  /** Its trigger was pressed before the code came. */
  startsOpen: boolean;
}

interface Props {
  part: LatePart<LateMenuProps>;
  trigger: Trigger;
}

/** A menu of the frame: its trigger stands at once, what it opens comes after the first paint. */
export function LateMenu({ part, trigger }: Props) {
  const Menu: ComponentType<LateMenuProps> | null = part.use();
  const alone = useRef<HTMLElement>(null);
  const [pressed, setPressed] = useState(false);
  useEffect(() => void part.fetch(), [part]);
  if (Menu) {
    // The trigger that stood alone leaves with this render; whoever had reached it stays on its successor.
    const focused = alone.current !== null && alone.current === document.activeElement;
    return (
      <Menu trigger={focused ? cloneElement(trigger, { autoFocus: true }) : trigger} startsOpen={pressed} />
    );
  }
  const press = async () => {
    setPressed(true);
    if (await part.fetch()) return;
    setPressed(false);
    toast({
      title: "This menu could not be loaded",
      body: "Press it again once the server answers.",
      tone: "fail",
    });
  };
  return cloneElement(trigger, {
    ref: alone,
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onClick: () => void press(),
  });
}
