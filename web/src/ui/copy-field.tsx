import { Check, Copy } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { Button } from "./button.tsx";

/** A value to take along: one press copies it; it can also be selected by hand. */
export function CopyField({
  label,
  value,
  lines = false,
}: {
  label: string;
  value: string;
  lines?: boolean;
}) {
  const id = useId();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      // Copying is not allowed here: select the text, so that one key press does it.
      const node = document.getElementById(id);
      if (node) getSelection()?.selectAllChildren(node);
    }
  };
  return (
    <div
      className="flex items-start gap-2 rounded-btn border border-line bg-sunken py-1 pr-1 pl-2.5"
      role="group"
      aria-label={label}
    >
      <pre
        id={id}
        tabIndex={0}
        className={`mono min-w-0 flex-1 overflow-x-auto py-1 text-code ${lines ? "whitespace-pre" : "whitespace-nowrap"}`}
      >
        {value}
      </pre>
      <Button
        kind="ghost"
        onClick={copy}
        icon={
          copied ? (
            <Check className="icon text-pass" aria-hidden="true" />
          ) : (
            <Copy className="icon" aria-hidden="true" />
          )
        }
        aria-label={`Copy ${label}`}
      >
        {copied ? "Copied" : "Copy"}
      </Button>
    </div>
  );
}
