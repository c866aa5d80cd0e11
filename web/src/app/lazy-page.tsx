/**
 * Pages that load when first visited. The router's own helper reloads the window when a file is missing, which
 * throws an offline person out of the app with their unsent work; here it is an error with a retry.
 */
import { createElement, type ReactNode, use } from "react";

type Component = () => ReactNode;

/** The code of a page could not be fetched: no network, or the server has a newer build. */
export class PageLoadError extends Error {
  override name = "PageLoadError";
}

/** A failed try is kept this long, so that the error reaches its boundary before anybody tries again. */
const KEPT_MS = 500;

const pages: (() => Promise<unknown>)[] = [];

/** A component that waits for `load`; `preload` starts it early. */
export function lazyPage(load: () => Promise<Component>): Component & { preload: () => Promise<void> } {
  let loaded: Component | null = null;
  let pending: Promise<Component> | null = null;
  const fetchPage = (): Promise<Component> => {
    pending ??= load().then(
      (component) => {
        loaded = component;
        return component;
      },
      () => {
        setTimeout(() => {
          pending = null;
        }, KEPT_MS);
        throw new PageLoadError(
          navigator.onLine
            ? "The server did not give this page. It may have been updated; loading the app anew brings it."
            : "This device is offline, and this page was not opened before.",
        );
      },
    );
    return pending;
  };
  function Page() {
    return createElement(loaded ?? use(fetchPage()));
  }
  const preload = async () => {
    await fetchPage().catch(() => undefined);
  };
  pages.push(preload);
  return Object.assign(Page, { preload });
}

/** Fetches every page that was not visited yet; for when the app is at rest. */
export async function preloadPages(): Promise<void> {
  for (const preload of pages) await preload();
}
