/** Says aloud, now and then, what somebody else has just decided; screens show it by themselves. */
import { useEffect } from "react";
import { announce } from "@/lib/announce.ts";
import { parsePointer } from "@/sync/document.ts";
import { answerText, type Question } from "./questions.ts";
import { useScope } from "./scope.tsx";

/** Remote changes are announced at most this often. */
const PAUSE_MS = 5000;

export function useRemoteWords(questions: readonly Question[]): void {
  const { session, me, person } = useScope();
  useEffect(() => {
    let last = Number.NEGATIVE_INFINITY;
    return session.onRemote((pointers) => {
      if (performance.now() - last < PAUSE_MS) return;
      for (const pointer of pointers) {
        const [area, reviewer, score] = parsePointer(pointer);
        if (area !== "scores" || reviewer === undefined || score === undefined || reviewer === me) continue;
        const question = questions.find((item) => item.name === score);
        if (!question) continue;
        last = performance.now();
        const value = session.view().scores[reviewer]?.[score];
        announce(`${person(reviewer).name}, ${score}: ${answerText(question, value)}`);
        return;
      }
    });
  }, [session, me, person, questions]);
}
