/** Turns notices of the server into words on screen. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Refused } from "@/sync/refusal.ts";
import { onNotice } from "@/sync/reviews.ts";
import { toast } from "@/ui/toasts.tsx";

export function useNotices(): void {
  const client = useQueryClient();
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
        // What was asked may have been changed or deleted while this page showed it.
        void client.invalidateQueries({ queryKey: ["scores"] });
        const text = notice.lost.join("\n\n");
        toast({
          title: "The server did not accept a change",
          body: `${reasonOf(notice.refused[0])} The review is back to what is stored.`,
          tone: "fail",
          ...(text === ""
            ? { seconds: 10 }
            : {
                seconds: 0,
                action: { label: "Copy what I wrote", run: () => void navigator.clipboard?.writeText(text) },
              }),
        });
      }),
    [client],
  );
}

/** The server's reason as a sentence, without the path in front, which says nothing to a reviewer. */
function reasonOf(refused: Refused | undefined): string {
  const reason = refused?.reason ?? "it gave no reason";
  const prefix = refused?.path === undefined ? "" : `${refused.path}: `;
  const text = prefix !== "" && reason.startsWith(prefix) ? reason.slice(prefix.length) : reason;
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
