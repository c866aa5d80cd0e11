/** Answering: what a press does to the document, what is said about it, and which question is next. */
import { useCallback, useState } from "react";
import type { Json } from "@/api/types.ts";
import { announce } from "@/lib/announce.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { setScore, setStatus } from "@/sync/edit.ts";
import { choose } from "@/sync/expected-choice.ts";
import {
  type Answer,
  answerText,
  digitAnswer,
  isAnswered,
  nextQuestion,
  progress,
  type Question,
} from "./questions.ts";
import { useScope } from "./scope.tsx";

interface Ways {
  /** Id of the question to begin with; the first one without an answer unless told. */
  start?: string | undefined;
  /** A key that answers goes on to the next question. */
  advance?: boolean;
}

export function useAnswers(questions: readonly Question[], loggedExpected: Json, ways: Ways = {}) {
  const { start, advance = true } = ways;
  const { session, me, mayEdit, edit } = useScope();
  const [current, setCurrent] = useState(() => {
    const wanted = questions.findIndex((question) => question.id === start);
    if (wanted >= 0) return wanted;
    const open = questions.findIndex((question) => !isAnswered(question, session.view(), me));
    return Math.max(0, open);
  });
  const at = Math.min(current, Math.max(0, questions.length - 1));

  const answer = useCallback(
    (question: Question, value: Answer, quiet = false): boolean => {
      if (question.kind === "text") return false;
      const view = session.view();
      const done = edit((draft) => {
        if (question.kind === "expected") {
          const now = view.expected.set ? view.expected.value : loggedExpected;
          const score = { name: question.name, options: question.options, alone: question.alone };
          choose(draft, me, score, typeof value === "number" ? String(value) : value, now);
        } else {
          setScore(draft, me, question.name, typeof value === "number" ? value : null);
        }
        // Whoever starts on a flagged span has taken it up.
        if (view.status.value === "awaiting" && value !== null)
          setStatus(draft, me, "in_progress", new Date());
      });
      if (!done) return false;
      if (!quiet) {
        const after = session.view();
        const said = answerText(question, after.scores[me]?.[question.name]);
        announce(`${question.name}: ${said}. ${progress(questions, after, me)} of ${questions.length}`);
      }
      return true;
    },
    [session, edit, me, loggedExpected, questions],
  );

  const answered = (question: Question) => isAnswered(question, session.view(), me);
  useCommand(
    "question.choose",
    (pressed) => {
      const question = questions[at];
      if (!question) return;
      const value = digitAnswer(question, session.view().scores[me]?.[question.name], Number(pressed));
      if (value === undefined) return;
      const single = question.kind !== "expected" || !question.multiple;
      if (answer(question, value) && single && advance) setCurrent(nextQuestion(questions, at, answered));
    },
    mayEdit && questions.length > 0,
  );
  useCommand(
    "question.clear",
    () => {
      const question = questions[at];
      if (question && answered(question)) answer(question, null);
    },
    mayEdit && questions.length > 0,
  );
  useCommand("question.next", () => setCurrent(Math.min(at + 1, questions.length - 1)), questions.length > 0);
  useCommand("question.previous", () => setCurrent(Math.max(at - 1, 0)), questions.length > 0);

  return { current: at, setCurrent, answer };
}
