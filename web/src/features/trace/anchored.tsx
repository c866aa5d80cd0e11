import { createContext, type ReactNode, use, useLayoutEffect, useMemo, useRef } from "react";
import { hashOf, type LoggedField, register } from "@/lib/anchor.ts";

/** Which field of the span the texts below belong to; null where comments cannot point. */
export const AnchorField = createContext<LoggedField | null>(null);

/** A text of which comments may quote a part. */
export function Anchored({ text, children }: { text: string; children: ReactNode }) {
  const field = use(AnchorField);
  const element = useRef<HTMLDivElement>(null);
  const hash = useMemo(() => hashOf(text), [text]);
  useLayoutEffect(() => {
    if (element.current && field) register(element.current, field, text);
  }, [field, text]);
  return (
    <div ref={element} data-anchored={field ? hash : undefined}>
      {children}
    </div>
  );
}
