import { useNavigate } from "@tanstack/react-router";
import { type AnchorHTMLAttributes, useLayoutEffect } from "react";

/** A link to an address of this app that is put together at run time: opens without loading the page anew. */
export function AppLink({
  href,
  onClick,
  ...rest
}: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const navigate = useNavigate();
  return (
    <a
      {...rest}
      href={href}
      onClick={(event) => {
        onClick?.(event);
        const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
        if (elsewhere || event.defaultPrevented) return;
        event.preventDefault();
        void navigate({ href });
      }}
    />
  );
}

/** Goes to such an address at once, in place of this one. */
export function GoTo({ href }: { href: string }) {
  const navigate = useNavigate();
  useLayoutEffect(() => void navigate({ href, replace: true }), [href, navigate]);
  return null;
}
