import type { ReactNode } from "react";
import { pointer } from "@/sync/document.ts";
import { Field } from "./field.tsx";
import type { Question } from "./questions.ts";
import { useScope } from "./scope.tsx";

/** The place of a question: one's own score, or a text that is everybody's. */
export function QuestionField({ question, children }: { question: Question; children: ReactNode }) {
  const { session, me } = useScope();
  const shared = question.kind === "text";
  const others = Object.keys(session.view().scores).filter((reviewer) => reviewer !== me);
  return (
    <Field
      pointer={pointer(shared ? ["fields", question.name] : ["scores", me, question.name])}
      ring={shared}
      watch={
        shared
          ? [pointer(["fields", question.name])]
          : others.map((reviewer) => pointer(["scores", reviewer, question.name]))
      }
    >
      {children}
    </Field>
  );
}
