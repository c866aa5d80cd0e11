import { useQuery } from "@tanstack/react-query";
import { deliveriesQuery, type Webhook, type WebhookDelivery } from "@/api/configuration.ts";
import { clock, fullTime, plural, when } from "@/lib/format.ts";
import { useNow } from "@/lib/use-now.ts";
import { Chip } from "@/ui/chip.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { ErrorState } from "@/ui/states.tsx";
import { eventLabel } from "./webhook-words.ts";

const states = { waiting: "Waiting", delivered: "Delivered", failed: "Given up" } as const;
const tones = { waiting: "warn", delivered: "pass", failed: "fail" } as const;

/** What a webhook was told last, and what came of it. */
export function WebhookLog({ webhook }: { webhook: Webhook }) {
  const query = useQuery(deliveriesQuery(webhook.id));
  const now = useNow(5_000);
  if (query.isPending) return <SkeletonRows rows={3} height={32} label="Loading the log" />;
  if (query.isError) {
    return (
      <ErrorState what="The log could not be loaded" error={query.error} retry={() => void query.refetch()} />
    );
  }
  if (query.data.length === 0) return <p className="pt-2 text-ink-3">It was told nothing yet.</p>;
  return (
    <section
      aria-label={`What ${webhook.name} was told`}
      tabIndex={0}
      className="mt-2 max-h-72 overflow-auto rounded-card border border-line"
    >
      <table className="w-full min-w-[480px] border-collapse text-small">
        <thead className="sticky top-0 bg-sunken text-left text-ink-3">
          <tr>
            {["What", "State", "When", "Came of it"].map((title) => (
              <th key={title} scope="col" className="px-3 py-1.5 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {query.data.map((told) => (
            <tr key={told.id} className="border-t border-line align-top">
              <td className="px-3 py-1.5 whitespace-nowrap">{eventLabel(told.event)}</td>
              <td className="px-3 py-1">
                <Chip tone={tones[told.state]}>{states[told.state]}</Chip>
              </td>
              <td className="px-3 py-1.5 whitespace-nowrap text-ink-2">
                <time dateTime={told.created} title={fullTime(new Date(told.created))}>
                  {when(new Date(told.created), now)}
                </time>
              </td>
              <td className="px-3 py-1.5 text-ink-2 [overflow-wrap:anywhere]">{outcome(told)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function outcome(told: WebhookDelivery): string {
  const tries = told.attempts > 1 ? `, ${plural(told.attempts, "try", "tries")}` : "";
  if (told.state === "delivered") return `answered ${told.answer}${tries}`;
  const reason = told.detail ?? (told.attempts === 0 ? "not tried yet" : "under way");
  const next = told.next && told.attempts > 0 ? `; next try ${clock(new Date(told.next))}` : "";
  return `${reason}${tries}${next}`;
}
