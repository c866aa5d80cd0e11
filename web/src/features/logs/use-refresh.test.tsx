import { act, render } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NewBar } from "@/ui/new-bar.tsx";
import { useRefresh } from "./use-refresh.ts";

function Watch({ trigger, refresh }: { trigger: unknown; refresh: () => Promise<void> }) {
  useRefresh(trigger, refresh);
  return null;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("refreshing what is on screen", () => {
  it("happens once a second at most, however much changes, and never for the first value", async () => {
    const refresh = vi.fn(async () => {});
    const { rerender } = render(<Watch trigger={null} refresh={refresh} />);
    rerender(<Watch trigger={0} refresh={refresh} />);
    await act(() => vi.advanceTimersByTimeAsync(3000));
    expect(refresh).not.toHaveBeenCalled();
    for (let i = 1; i <= 40; i += 1) {
      rerender(<Watch trigger={i} refresh={refresh} />);
      await act(() => vi.advanceTimersByTimeAsync(50));
    }
    expect(refresh.mock.calls.length).toBeGreaterThanOrEqual(2);
    expect(refresh.mock.calls.length).toBeLessThanOrEqual(3);
  });

  it("waits for a slow one before it begins the next", async () => {
    let finish = () => {};
    const refresh = vi.fn(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const { rerender } = render(<Watch trigger={0} refresh={refresh} />);
    rerender(<Watch trigger={1} refresh={refresh} />);
    await act(() => vi.advanceTimersByTimeAsync(1500));
    rerender(<Watch trigger={2} refresh={refresh} />);
    await act(() => vi.advanceTimersByTimeAsync(5000));
    expect(refresh).toHaveBeenCalledTimes(1);
    finish();
    await act(() => vi.advanceTimersByTimeAsync(1500));
    expect(refresh).toHaveBeenCalledTimes(2);
  });
});

describe("the bar of new traces", () => {
  it("is there only while there are some, and says how many", () => {
    const show = vi.fn();
    const { container, rerender } = render(<NewBar fresh={0} onShow={show} />);
    expect(container.textContent).toBe("");
    rerender(<NewBar fresh={1204} onShow={show} />);
    const bar = container.querySelector("button");
    expect(bar?.textContent).toContain("1,204 new");
    bar?.click();
    expect(show).toHaveBeenCalledTimes(1);
  });
});
