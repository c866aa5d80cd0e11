import {
  Box,
  Database,
  type LucideIcon,
  ScanSearch,
  ShieldCheck,
  Sparkles,
  UserCheck,
  Wrench,
} from "lucide-react";
import { cx } from "@/ui/cx.ts";

type Tint = "llm" | "tool" | "ret" | "task";

const kinds: { [kind: string]: { icon: LucideIcon; tint: Tint; label: string } } = {
  llm: { icon: Sparkles, tint: "llm", label: "LLM" },
  tool: { icon: Wrench, tint: "tool", label: "Tool" },
  function: { icon: Wrench, tint: "tool", label: "Function" },
  retrieval: { icon: ScanSearch, tint: "ret", label: "Retrieval" },
  retriever: { icon: ScanSearch, tint: "ret", label: "Retrieval" },
  embedding: { icon: Database, tint: "ret", label: "Embedding" },
  score: { icon: ShieldCheck, tint: "task", label: "Score" },
  review: { icon: UserCheck, tint: "task", label: "Review" },
  task: { icon: Box, tint: "task", label: "Task" },
};

const tints: Record<Tint, string> = {
  llm: "bg-llm-soft text-llm",
  tool: "bg-tool-soft text-tool",
  ret: "bg-ret-soft text-ret",
  task: "bg-task-soft text-task",
};

function kindOf(kind: string | null | undefined) {
  const known = kinds[kind ?? "task"];
  return (
    known ?? {
      icon: Box,
      tint: "task" as const,
      label: kind ? kind.charAt(0).toUpperCase() + kind.slice(1) : "Task",
    }
  );
}

/** The kind of a span in a word. */
export const kindLabel = (kind: string | null | undefined): string => kindOf(kind).label;

/** The custom property that holds a kind's colour, for bars. */
export const kindColour = (kind: string | null | undefined): string => `var(--${kindOf(kind).tint})`;

/** The picture of a span's kind. The word stands beside it or in the row's name. */
export function KindIcon({ kind, large = false }: { kind: string | null | undefined; large?: boolean }) {
  const { icon: Icon, tint } = kindOf(kind);
  return (
    <span
      aria-hidden="true"
      className={cx(
        "inline-flex flex-none items-center justify-center rounded-chip",
        large ? "size-[22px]" : "size-[18px]",
        tints[tint],
      )}
    >
      <Icon className={cx("icon", !large && "size-3!")} />
    </span>
  );
}
