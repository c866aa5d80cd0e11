/** What stands where a page would: while its code loads, when it fails, when there is none. */
import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { buttonClass } from "@/ui/button.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";
import { PageLoadError } from "./lazy-page.tsx";

export function PagePending() {
  return (
    <main className="min-h-0 flex-1 bg-surface pt-[52px]">
      <SkeletonRows rows={12} />
    </main>
  );
}

export function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const queries = useQueryErrorResetBoundary();
  return (
    <main className="min-h-0 flex-1 bg-surface">
      <ErrorState
        what={
          error instanceof PageLoadError ? "This page could not be loaded" : "This page could not be shown"
        }
        error={error}
        retry={() => {
          // A newer build has other files: only the app's start page knows their names.
          if (error instanceof PageLoadError && navigator.onLine) location.reload();
          queries.reset();
          reset();
          void router.invalidate();
        }}
      />
    </main>
  );
}

export function PageMissing() {
  return (
    <main className="min-h-0 flex-1 bg-surface">
      <EmptyState
        title="There is no such page"
        action={
          <Link to="/" className={buttonClass()}>
            Go to projects
          </Link>
        }
      >
        The address may be mistyped, or what it named is gone.
      </EmptyState>
    </main>
  );
}
