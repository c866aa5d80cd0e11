import { ArrowDownWideNarrow, ArrowUpNarrowWide, ChartNoAxesColumn, Maximize2 } from "lucide-react";
import type { ReactNode } from "react";
import type { Place } from "@/api/place.ts";
import { count } from "@/lib/format.ts";
import { Button } from "@/ui/button.tsx";
import { TopBar } from "@/ui/top-bar.tsx";

interface Props {
  place: Place;
  /** `null` while there is nothing to count. */
  total: { count: number; atLeast: boolean } | null;
  sort: string;
  onFlip: () => void;
  figures: boolean;
  onFigures: () => void;
  /** Reviews the list one after another; null while there is nothing to review. */
  onFocus: (() => void) | null;
  views: ReactNode;
  columns: ReactNode;
  /** Files in and out. */
  files: ReactNode;
  /** Nothing has ever been here: there is nothing to order or to arrange. */
  bare: boolean;
}

/** "312", or "10,000+" when there are at least that many. */
function Total({ value, atLeast, noun }: { value: number; atLeast: boolean; noun: string }) {
  return (
    <span className="num flex-none text-small text-ink-3" role="status">
      {count(value)}
      {atLeast && "+"}
      <span className="max-sm:sr-only">{value === 1 && !atLeast ? ` ${noun}` : ` ${noun}s`}</span>
    </span>
  );
}

/** Title, view and number of the list, and what can be changed about how it is shown. */
export function ListHead({
  place,
  total,
  sort,
  onFlip,
  figures,
  onFigures,
  onFocus,
  views,
  columns,
  files,
  bare,
}: Props) {
  const oldest = sort === "created";
  const byTime = oldest || sort === "-created";
  const OrderIcon = oldest ? ArrowUpNarrowWide : ArrowDownWideNarrow;
  return (
    <TopBar>
      <h1 className="min-w-10 truncate text-title font-semibold tracking-[-.01em]">{place.title}</h1>
      {!bare && views}
      {total && <Total value={total.count} atLeast={total.atLeast} noun={place.noun} />}
      <span className="flex-1" />
      {!bare && (
        <>
          <Button
            kind="ghost"
            onClick={onFlip}
            command="logs.order"
            className="max-lg:hidden"
            icon={<OrderIcon className="icon" aria-hidden="true" />}
            title="Switch between newest and oldest first"
          >
            <span className="max-sm:sr-only">
              {byTime
                ? oldest
                  ? "Oldest first"
                  : "Newest first"
                : `By ${sort.replace(/^-?(scores\.)?/, "")}`}
            </span>
          </Button>
          <Button
            kind="ghost"
            onClick={onFigures}
            command="logs.metrics"
            aria-pressed={figures}
            icon={<ChartNoAxesColumn className="icon" aria-hidden="true" />}
          >
            <span className="max-sm:sr-only">Figures</span>
          </Button>
          {columns}
          {onFocus && (
            <Button
              onClick={onFocus}
              command="logs.focus"
              icon={<Maximize2 className="icon" aria-hidden="true" />}
              title="Review these one after another"
            >
              <span className="max-sm:sr-only">Review</span>
            </Button>
          )}
        </>
      )}
      {files}
    </TopBar>
  );
}
