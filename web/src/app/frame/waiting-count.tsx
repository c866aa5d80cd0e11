import { useSession } from "@/api/use-session.ts";
import { compact } from "@/lib/format.ts";
import { waitingFor } from "@/live/topics.ts";
import { useTopic } from "@/live/use-topic.ts";

/** How many reviews of a project wait for the viewer, of this moment. */
export function WaitingCount({ projectId, wide }: { projectId: string; wide: boolean }) {
  const me = useSession().user.id;
  const { data } = useTopic({ kind: "reviews", project_id: projectId });
  const waiting = waitingFor(data, me);
  if (waiting === 0) return null;
  return (
    <span
      className={
        wide
          ? "num ml-auto flex-none text-small font-normal text-ink-3"
          : "num absolute -top-0.5 -right-0.5 min-w-[15px] rounded-full bg-accent px-[3px] text-center text-[9.5px] leading-[15px] font-semibold text-accent-on"
      }
    >
      {compact(waiting)}
      <span className="sr-only"> waiting for you</span>
    </span>
  );
}
