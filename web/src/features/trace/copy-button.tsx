import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "@/ui/button.tsx";
import { toast } from "@/ui/toasts.tsx";

/** Copies a text and says so where the press was. */
export function CopyButton({
  label,
  text,
  className,
}: {
  label: string;
  text: () => string;
  className?: string;
}) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setCopied(true);
    } catch {
      toast({
        title: "Copying is not allowed here",
        body: "The browser keeps pages from copying on plain http.",
      });
    }
  };
  return (
    <Button
      kind="ghost"
      square
      onClick={copy}
      aria-label={copied ? "Copied" : label}
      className={className ?? ""}
      icon={
        copied ? (
          <Check className="icon text-pass" aria-hidden="true" />
        ) : (
          <Copy className="icon" aria-hidden="true" />
        )
      }
    />
  );
}
