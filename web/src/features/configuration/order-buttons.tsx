import { ArrowDown, ArrowUp } from "lucide-react";
import { Button } from "@/ui/button.tsx";

/** Moves an item of a list up or down. */
export function OrderButtons({
  name,
  index,
  count,
  onMove,
}: {
  name: string;
  index: number;
  count: number;
  onMove: (to: number) => void;
}) {
  if (count < 2) return null;
  return (
    <span className="flex flex-none max-sm:hidden">
      <Button
        kind="ghost"
        square
        aria-label={`Move ${name} up`}
        disabled={index === 0}
        onClick={() => onMove(index - 1)}
        icon={<ArrowUp className="icon" aria-hidden="true" />}
      />
      <Button
        kind="ghost"
        square
        aria-label={`Move ${name} down`}
        disabled={index === count - 1}
        onClick={() => onMove(index + 1)}
        icon={<ArrowDown className="icon" aria-hidden="true" />}
      />
    </span>
  );
}
