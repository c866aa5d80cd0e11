import type { ReactNode } from "react";

/** The bar over a page: its title or crumbs at the left, its actions at the right. */
export function TopBar({ children }: { children: ReactNode }) {
  return (
    <header className="flex h-[52px] flex-none items-center gap-2 border-b border-line bg-surface px-3 md:px-5">
      {children}
    </header>
  );
}
