import { isBoolean, readSetting } from "@/lib/storage.ts";
import { cx } from "@/ui/cx.ts";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { useWide } from "./use-wide.ts";

/** The frame at once, before it is known who is signed in: nothing jumps when the answer comes. */
export function FramePending() {
  const wide = useWide() && readSetting("sidebar", true, isBoolean);
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <div
        className={cx("hidden flex-none border-r border-line md:block", wide ? "w-[216px]" : "w-[52px]")}
      />
      <div className="h-12 flex-none border-b border-line md:hidden" />
      <main className="flex min-w-0 flex-1 flex-col bg-surface">
        <div className="h-[52px] flex-none border-b border-line" />
        <SkeletonRows rows={12} />
      </main>
    </div>
  );
}
