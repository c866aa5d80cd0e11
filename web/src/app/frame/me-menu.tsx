import { useSession } from "@/api/use-session.ts";
import { roleName } from "@/lib/role.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { latePart } from "../late-part.ts";
import { LateMenu } from "./late-menu.tsx";

const parts = {
  top: latePart(() => import("./me-items.tsx").then((module) => module.MeItemsUp)),
  bottom: latePart(() => import("./me-items.tsx").then((module) => module.MeItemsDown)),
};

/** Who I am, and a press away what belongs to me. */
export function MeMenu({ wide, side = "top" }: { wide: boolean; side?: "top" | "bottom" }) {
  const { user, role } = useSession();
  return (
    <LateMenu
      part={parts[side]}
      trigger={
        <button
          type="button"
          className="flex h-8 min-w-0 items-center gap-2 rounded-btn px-1.5 hover:bg-hover coarse:h-11"
        >
          <Avatar id={user.id} name={user.name} viewer={user.id} labelled={false} />
          <span className={wide ? "truncate font-medium" : "sr-only"}>
            {user.name}
            <span className="sr-only">, {roleName[role]}</span>
          </span>
        </button>
      }
    />
  );
}
