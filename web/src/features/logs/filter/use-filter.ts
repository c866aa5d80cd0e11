import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { type FilterPart, parseFilter, partsQuery, readEnglish } from "@/api/find.ts";
import { ApiError } from "@/api/problem.ts";
import type { ObjectRef } from "@/api/types.ts";
import { allOf } from "@/lib/filter/expression.ts";
import { toast } from "@/ui/toasts.tsx";

export interface FilterState {
  /** The whole expression; empty for no filter. */
  text: string;
  parts: readonly FilterPart[];
  /** Why the expression of the address cannot be read. */
  error: unknown;
  /** Puts another expression in place of the whole, as it is. */
  set: (text: string) => void;
  /**
   * Reads what was typed, as expression or else as English, and adds it; in place of the condition at `at` where
   * one is being changed. Throws the problem when neither understood it.
   */
  add: (typed: string, at?: number) => Promise<void>;
  /** Reads a whole expression and puts it in place of this one; throws its problem. */
  replace: (text: string) => Promise<void>;
  remove: (index: number) => void;
}

/** True for what was surely meant as an expression: its own problem says more than one about English. */
const looksFormal = (text: string): boolean =>
  /[=<>!(]|\b(is null|is not null|includes|ilike|like|match)\b/i.test(text) ||
  /^[\w]+\.[\w"]+/.test(text.trim());

/** The filter of a list as conditions; every change goes through `onChange`, which keeps it in the address. */
export function useFilter(object: ObjectRef, text: string, onChange: (text: string) => void): FilterState {
  const client = useQueryClient();
  const query = useQuery({ ...partsQuery(object, text), enabled: text !== "" });
  const fresh = query.data !== undefined && !query.isPlaceholderData;
  const parts = useMemo<readonly FilterPart[]>(
    () => (text === "" ? [] : fresh && query.data ? query.data.parts : [{ text }]),
    [text, fresh, query.data],
  );

  const add = useCallback(
    async (typed: string, at?: number) => {
      const before = text;
      const apply = (added: readonly FilterPart[]) => {
        const kept = [...parts];
        kept.splice(at ?? kept.length, at === undefined ? 0 : 1, ...added);
        // What is there already is not said twice.
        const next = allOf([...new Set(kept.map((part) => part.text))]);
        client.setQueryData(
          partsQuery(object, next).queryKey,
          (known) => known ?? { expression: next, parts: kept },
        );
        onChange(next);
      };
      try {
        const parsed = await parseFilter(object, typed);
        apply(parsed.parts);
        const warnings = (parsed.warnings ?? []).map((warning) => warning.message);
        if (warnings.length > 0)
          toast({ title: "This may find nothing", body: warnings.join(" "), seconds: 12 });
      } catch (problem) {
        if (!(problem instanceof ApiError) || problem.status !== 400 || looksFormal(typed)) throw problem;
        const english = await readEnglish(object, typed).catch((failed: unknown) => {
          // A server that reads no English: the expression's problem is the one that helps.
          throw failed instanceof ApiError && failed.status === 422 ? failed : problem;
        });
        apply(english.parts);
        toast({
          title: english.by === "model" ? "Read as this by the language model" : "Read as",
          body: english.expression,
          action: { label: "Undo", run: () => onChange(before) },
          seconds: 12,
        });
      }
    },
    [client, object, onChange, parts, text],
  );

  const replace = useCallback(
    async (next: string) => {
      if (next.trim() === "") return onChange("");
      onChange((await parseFilter(object, next)).expression);
    },
    [object, onChange],
  );
  const remove = useCallback(
    (index: number) => onChange(allOf(parts.filter((_, i) => i !== index).map((part) => part.text))),
    [onChange, parts],
  );
  return { text, parts, error: text === "" ? null : query.error, set: onChange, add, replace, remove };
}
