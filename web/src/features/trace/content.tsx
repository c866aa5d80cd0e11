import { type ReactNode, useId, useState } from "react";
import { usePlace } from "@/api/place.ts";
import type { SpanEvent, SpanLine } from "@/api/types.ts";
import { useAria } from "@/lib/commands/bindings.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { DataTab, MetadataTab, RecordFacts } from "./data-tab.tsx";
import { MessagesTab } from "./messages-tab.tsx";
import { RelativeSteps } from "./relative-steps.tsx";
import type { Relatives } from "./relatives.ts";
import { SpanHead } from "./span-head.tsx";
import { Tabs } from "./tabs.tsx";

export const TABS = ["messages", "data", "metadata", "activity"] as const;
export type TabId = (typeof TABS)[number];

interface Props {
  span: SpanLine;
  relatives: Relatives | null;
  onSelect: (span: SpanLine) => void;
  event: SpanEvent | undefined;
  tab: TabId;
  onTab: (tab: TabId) => void;
  /** Stands for the content while there is none: loading, gone, failed. */
  instead: ReactNode;
  /** The span was deleted while it was on screen: what was loaded stays, greyed. */
  gone: boolean;
  expected: ReactNode;
  activity: ReactNode;
  /** Id of the scrolling region, which takes the focus that leaves the tree. */
  id: string;
}

const tabs = [
  { id: "messages", label: "Messages" },
  { id: "data", label: "Data" },
  { id: "metadata", label: "Metadata" },
  { id: "activity", label: "Activity" },
] as const;

/** A record of a dataset: nothing of it ran, and all of it fits on one page. */
const recordTabs = [
  { id: "messages", label: "Record" },
  { id: "data", label: "Data" },
  { id: "activity", label: "Activity" },
] as const;

/** The middle column: one span, its head, and what it did. */
export function Content(props: Props) {
  const { span, event, tab, onTab, instead, gone, expected, activity, id } = props;
  const [raw, setRaw] = useState(false);
  const panel = useId();
  const rawKeys = useAria("trace.raw");
  const isRecord = usePlace().noun === "record";
  const shown = isRecord && tab === "metadata" ? "messages" : tab;
  useCommand("trace.raw", () => setRaw(!raw), shown === "messages");
  return (
    <>
      <div className="flex-none border-b border-line bg-surface px-5 pt-3">
        <SpanHead span={span} event={event}>
          {props.relatives && <RelativeSteps relatives={props.relatives} onSelect={props.onSelect} />}
        </SpanHead>
        <div className="flex items-end gap-3">
          <div className="min-w-0 flex-1">
            <Tabs<TabId>
              label={isRecord ? "Record" : "Span content"}
              tabs={isRecord ? recordTabs : tabs}
              value={shown}
              onChange={onTab}
              panel={panel}
            />
          </div>
          {shown === "messages" && (
            <button
              type="button"
              aria-pressed={raw}
              aria-keyshortcuts={rawKeys}
              title="Show messages raw"
              onClick={() => setRaw(!raw)}
              className={`mb-1.5 h-6 rounded-chip px-1.5 text-small font-medium ${raw ? "bg-accent-soft text-accent-ink" : "text-ink-3 hover:bg-hover hover:text-ink"}`}
            >
              Raw
            </button>
          )}
        </div>
      </div>
      <div
        id={id}
        className="min-h-0 flex-1 overflow-y-auto -outline-offset-2"
        tabIndex={0}
        role="region"
        aria-label={isRecord ? "Content of the record" : "Content of the span"}
        key={span.id}
      >
        <div
          id={panel}
          role="tabpanel"
          aria-labelledby={`${panel}-${shown}`}
          data-content
          className="flex flex-col gap-2.5 px-5 pt-3.5 pb-5"
        >
          {gone && (
            <p
              role="status"
              className="rounded-card bg-warn-soft px-3.5 py-2 text-small font-medium text-warn"
            >
              This span was deleted meanwhile. This is what was loaded before; its review is kept.
            </p>
          )}
          {instead ??
            (event && (
              <>
                {shown === "messages" && <MessagesTab event={event} raw={raw} expected={expected} />}
                {shown === "messages" && isRecord && <RecordFacts event={event} />}
                {shown === "data" && <DataTab event={event} />}
                {shown === "data" && isRecord && <RecordFacts event={event} ids />}
                {shown === "metadata" && <MetadataTab event={event} />}
                {shown === "activity" && (
                  <div className="rounded-card border border-line bg-surface px-4 py-3">{activity}</div>
                )}
              </>
            ))}
        </div>
      </div>
    </>
  );
}
