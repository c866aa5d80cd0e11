import { Keyboard, LogOut, Moon, Sun } from "lucide-react";
import { useSession } from "@/api/use-session.ts";
import { runCommand, setSingleKeys, singleKeys } from "@/lib/commands/dispatch.ts";
import { roleName } from "@/lib/role.ts";
import { useStore } from "@/lib/store.ts";
import { toggleTheme, useTheme } from "@/lib/theme.ts";
import { CommandKbd } from "@/ui/kbd.tsx";
import { Menu, MenuCheck, MenuItem, MenuLine } from "@/ui/menu.tsx";
import type { LateMenuProps } from "./late-menu.tsx";

interface Props extends LateMenuProps {
  side: "top" | "bottom";
}

/** What belongs to me: theme, keys, leaving. */
function MeItems({ side, ...menu }: Props) {
  const { user, role, organization } = useSession();
  const theme = useTheme();
  const single = useStore(singleKeys);
  return (
    <Menu {...menu} label="Me" side={side} align={side === "top" ? "start" : "end"} width={240}>
      <div className="px-2 pt-1.5 pb-2">
        <p className="truncate font-medium">{user.name}</p>
        <p className="truncate text-small text-ink-3">{user.email}</p>
        <p className="truncate text-small text-ink-3">
          {roleName[role]}, {organization.name}
        </p>
      </div>
      <MenuLine />
      <MenuItem
        onPress={toggleTheme}
        icon={
          theme === "dark" ? (
            <Sun className="icon" aria-hidden="true" />
          ) : (
            <Moon className="icon" aria-hidden="true" />
          )
        }
        hint={<CommandKbd id="frame.theme" />}
      >
        {theme === "dark" ? "Light theme" : "Dark theme"}
      </MenuItem>
      <MenuItem
        onPress={() => runCommand("keys.open")}
        icon={<Keyboard className="icon" aria-hidden="true" />}
        hint={<CommandKbd id="keys.open" />}
      >
        All keys
      </MenuItem>
      <MenuCheck checked={single} onChange={setSingleKeys}>
        Single-key shortcuts
      </MenuCheck>
      <MenuLine />
      <MenuItem
        onPress={() => runCommand("session.signOut")}
        icon={<LogOut className="icon" aria-hidden="true" />}
      >
        Sign out
      </MenuItem>
    </Menu>
  );
}

/** At the foot of the side bar. */
export const MeItemsUp = (props: LateMenuProps) => <MeItems {...props} side="top" />;
/** In the bar of small screens. */
export const MeItemsDown = (props: LateMenuProps) => <MeItems {...props} side="bottom" />;
