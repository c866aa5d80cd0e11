import type { ReactNode } from "react";
import { useTitle } from "@/lib/use-title.ts";
import { Mark } from "@/ui/mark.tsx";

/** The single column that stands before the app: sign in, first owner, invitation. */
export function EntryPage({
  title,
  intro,
  children,
}: {
  title: string;
  intro?: ReactNode;
  children: ReactNode;
}) {
  useTitle(title);
  return (
    <main className="h-dvh overflow-y-auto">
      <div className="mx-auto flex w-full max-w-[368px] flex-col px-6 pt-[16dvh] pb-12">
        <Mark size={36} />
        <h1 className="mt-5 text-[20px] leading-7 font-semibold tracking-[-.018em]">{title}</h1>
        {intro && <div className="mt-1 text-ink-2">{intro}</div>}
        <div className="mt-6">{children}</div>
      </div>
    </main>
  );
}
