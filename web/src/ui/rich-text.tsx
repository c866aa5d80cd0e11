import { lazy, Suspense } from "react";

// Loaded beside the page, not before it: until it is here the words stand as they are.
const loading = import("./markdown.tsx");
const Markdown = lazy(() => loading.then((module) => ({ default: module.Markdown })));

/** Text that may be Markdown, written by people or by models. */
export function RichText({ text }: { text: string }) {
  return (
    <Suspense fallback={<div className="whitespace-pre-wrap">{text}</div>}>
      <Markdown text={text} />
    </Suspense>
  );
}
