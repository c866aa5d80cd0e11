import { fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Slider } from "./slider.tsx";

afterEach(() => vi.useRealTimers());

function show(value: number | null) {
  const given: [number, boolean][] = [];
  render(
    <Slider
      label="Tone"
      value={value}
      disabled={false}
      onChange={(next, resting) => given.push([next, resting])}
    />,
  );
  return { given, range: screen.getByRole("slider", { name: "Tone" }) };
}

test("keys write at once", () => {
  const { given, range } = show(0.5);
  fireEvent.change(range, { target: { value: "0.51" } });
  expect(given).toEqual([[0.51, true]]);
});

test("dragging writes at most ten times a second, and where it came to rest", () => {
  vi.useFakeTimers();
  const { given, range } = show(0.5);
  fireEvent.pointerDown(range);
  for (let i = 1; i <= 20; i++) {
    fireEvent.change(range, { target: { value: String(0.5 + i / 100) } });
    vi.advanceTimersByTime(20);
  }
  expect(given.length).toBeLessThanOrEqual(4);
  fireEvent.pointerUp(range);
  expect(given.at(-1)).toEqual([0.7, true]);
});

test("typed percent is taken on Enter, nonsense is not, nothing given says so", () => {
  const { given, range } = show(null);
  expect(range.getAttribute("aria-valuetext")).toBe("not scored");
  const field = screen.getByRole("textbox", { name: "Tone, in percent" });
  fireEvent.change(field, { target: { value: "62,5 %" } });
  fireEvent.keyDown(field, { key: "Enter" });
  fireEvent.change(field, { target: { value: "620" } });
  expect(field.getAttribute("aria-invalid")).toBe("true");
  fireEvent.keyDown(field, { key: "Enter" });
  expect(given).toEqual([[0.625, true]]);
});
