import { Box, Search, ShieldCheck, Sparkles, SquareFunction, Wrench } from "lucide-react";
import { cx } from "./cx.ts";

const looks: Record<string, { tint: string; Icon: typeof Box }> = {
  llm: { tint: "bg-llm-soft text-llm", Icon: Sparkles },
  tool: { tint: "bg-tool-soft text-tool", Icon: Wrench },
  retriever: { tint: "bg-ret-soft text-ret", Icon: Search },
  retrieval: { tint: "bg-ret-soft text-ret", Icon: Search },
  score: { tint: "bg-task-soft text-task", Icon: ShieldCheck },
  function: { tint: "bg-task-soft text-task", Icon: SquareFunction },
};
const other = { tint: "bg-task-soft text-task", Icon: Box };

/** The icon of a span's kind in its tint. */
export function KindIcon({ kind, small = false }: { kind: string | null; small?: boolean }) {
  const { tint, Icon } = looks[kind ?? ""] ?? other;
  return (
    <span
      className={cx(
        "grid flex-none place-items-center rounded-chip",
        tint,
        small ? "size-[18px]" : "size-[22px]",
      )}
      title={kind ?? "span"}
    >
      <Icon className={cx("stroke-[1.75]", small ? "size-3" : "size-3.5")} aria-hidden="true" />
      <span className="sr-only">{kind ?? "span"}</span>
    </span>
  );
}
