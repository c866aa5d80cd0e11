/** Turns notices of the server into words on screen. */
import { useEffect } from "react";
import { onNotice } from "@/sync/reviews.ts";
import { toast } from "@/ui/toasts.tsx";

export function useNotices(): void {
  useEffect(
    () =>
      onNotice((notice) => {
        if (notice.kind === "closing") {
          toast({
            title: "The server closed the connection",
            body: notice.reason || "It will be opened again by itself.",
          });
          return;
        }
        const text = notice.lost.join("\n\n");
        toast({
          title: "The server did not accept a change",
          body: `${sentence(notice.refused[0]?.reason ?? "it gave no reason")} The review is back to what is stored.`,
          tone: "fail",
          ...(text === ""
            ? { seconds: 10 }
            : {
                seconds: 0,
                action: { label: "Copy what I wrote", run: () => void navigator.clipboard?.writeText(text) },
              }),
        });
      }),
    [],
  );
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
