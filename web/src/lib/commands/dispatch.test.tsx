import { render } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { setKeys } from "./bindings.ts";
import { handleKey, runCommand, setSingleKeys, useCommand, useModal } from "./dispatch.ts";
import { ariaKeys, keyCaps, matches, parseKeys } from "./keys.ts";
import type { CommandId } from "./table.ts";

function Offer({
  id,
  run,
  enabled = true,
}: {
  id: CommandId;
  run: (pressed: string) => void;
  enabled?: boolean;
}) {
  useCommand(id, run, enabled);
  return null;
}

function Modal() {
  useModal(true);
  return null;
}

let clock = 0;
function press(
  key: string,
  init: KeyboardEventInit = {},
  target: EventTarget = document.body,
  later = 10,
): boolean {
  clock += later;
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
  Object.defineProperty(event, "target", { value: target });
  return handleKey(event, clock);
}

afterEach(() => {
  setSingleKeys(true);
  clock += 5000;
});

describe("key presses", () => {
  it("run what is offered and nothing else", () => {
    const run = vi.fn();
    render(<Offer id="logs.next" run={run} />);
    expect(press("j")).toBe(true);
    expect(press("k")).toBe(false);
    expect(run).toHaveBeenCalledExactlyOnceWith("j");
  });

  it("make sequences, which time out and do not swallow other keys", () => {
    const logs = vi.fn();
    const next = vi.fn();
    render(
      <>
        <Offer id="go.logs" run={logs} />
        <Offer id="logs.next" run={next} />
      </>,
    );
    press("g");
    press("l");
    expect(logs).toHaveBeenCalledTimes(1);
    press("g");
    press("l", {}, document.body, 3000);
    expect(logs).toHaveBeenCalledTimes(1);
    press("g");
    press("j");
    expect(next).toHaveBeenCalledTimes(1);
  });

  it("are text while typing, unless Ctrl is held", () => {
    const next = vi.fn();
    const palette = vi.fn();
    const { container } = render(
      <>
        <input />
        <textarea />
        <div className="cm-editor">
          <span />
        </div>
        <Offer id="logs.next" run={next} />
        <Offer id="palette.open" run={palette} />
      </>,
    );
    for (const field of container.querySelectorAll("input, textarea, .cm-editor span")) press("j", {}, field);
    expect(next).not.toHaveBeenCalled();
    press("k", { ctrlKey: true }, container.querySelector("input") as Element);
    expect(palette).toHaveBeenCalledTimes(1);
  });

  it("are ignored while a word is being composed", () => {
    const next = vi.fn();
    render(<Offer id="logs.next" run={next} />);
    press("j", { isComposing: true } as KeyboardEventInit);
    expect(next).not.toHaveBeenCalled();
  });

  it("are ignored while an input method has them", () => {
    const next = vi.fn();
    render(<Offer id="logs.next" run={next} />);
    for (const key of ["Process", "Dead"]) press(key);
    press("Enter", { isComposing: true } as KeyboardEventInit);
    expect(next).not.toHaveBeenCalled();
  });

  it("answer to what is printed on them, wherever it stands", () => {
    const [undo, palette, choose, sidebar] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
    render(
      <>
        <Offer id="focus.undo" run={undo} />
        <Offer id="palette.open" run={palette} />
        <Offer id="question.choose" run={choose} />
        <Offer id="frame.sidebar" run={sidebar} />
      </>,
    );
    // AZERTY: Z stands where others have W, and digits need Shift; without it they are meant too.
    press("z", { code: "KeyW" });
    press("w", { code: "KeyZ" });
    expect(undo).toHaveBeenCalledTimes(1);
    press("é", { code: "Digit2" });
    press("3", { code: "Digit3", shiftKey: true });
    expect(choose.mock.calls).toEqual([["2"], ["3"]]);
    press("k", { code: "KeyK", ctrlKey: true });
    expect(palette).toHaveBeenCalledTimes(1);
    // Brackets are third characters there, for which some systems report Ctrl and Alt.
    const altGraph = { code: "Digit5", ctrlKey: true, altKey: true, modifierAltGraph: true };
    press("[", altGraph);
    expect(sidebar).toHaveBeenCalledTimes(1);
  });

  it("are those that a person chose, and the standard ones no longer", () => {
    const next = vi.fn();
    render(<Offer id="logs.next" run={next} />);
    setKeys("logs.next", ["n n"]);
    press("j");
    expect(next).not.toHaveBeenCalled();
    press("n");
    press("n");
    expect(next).toHaveBeenCalledExactlyOnceWith("n n");
    setKeys("logs.next", null);
    press("j");
    expect(next).toHaveBeenCalledTimes(2);
  });

  it("leave arrows to a slider or a group that has focus", () => {
    const forward = vi.fn();
    const { container } = render(
      <>
        <input type="range" />
        <Offer id="focus.forward" run={forward} />
      </>,
    );
    press("ArrowRight", {}, container.querySelector("input") as Element);
    expect(forward).not.toHaveBeenCalled();
    press("ArrowRight");
    expect(forward).toHaveBeenCalledTimes(1);
  });

  it("leave Enter to the control that has focus", () => {
    const open = vi.fn();
    const { container } = render(
      <>
        <button type="button">A</button>
        <Offer id="logs.open" run={open} />
      </>,
    );
    press("Enter", {}, container.querySelector("button") as Element);
    expect(open).not.toHaveBeenCalled();
    press("Enter");
    expect(open).toHaveBeenCalledTimes(1);
  });

  it("are silent under a dialog and when single keys are turned off", () => {
    const next = vi.fn();
    const { rerender } = render(
      <>
        <Offer id="logs.next" run={next} />
        <Modal />
      </>,
    );
    press("j");
    expect(next).not.toHaveBeenCalled();
    rerender(<Offer id="logs.next" run={next} />);
    setSingleKeys(false);
    press("j");
    expect(next).not.toHaveBeenCalled();
    setSingleKeys(true);
    press("j");
    expect(next).toHaveBeenCalledTimes(1);
  });

  it("tell the handler which of several keys it was", () => {
    const choose = vi.fn();
    render(<Offer id="question.choose" run={choose} />);
    press("7");
    expect(choose).toHaveBeenCalledExactlyOnceWith("7");
  });

  it("reach the latest of two that offer the same, and none when it is disabled", () => {
    const first = vi.fn();
    const second = vi.fn();
    const { rerender } = render(
      <>
        <Offer id="logs.next" run={first} />
        <Offer id="logs.next" run={second} />
      </>,
    );
    press("j");
    expect(second).toHaveBeenCalledTimes(1);
    rerender(<Offer id="logs.next" run={first} enabled={false} />);
    expect(press("j")).toBe(false);
    expect(runCommand("logs.next")).toBe(false);
  });
});

describe("notations", () => {
  const event = (key: string, init: Partial<KeyboardEvent> = {}) => ({
    key,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    ...init,
  });
  const one = (notation: string) => parseKeys(notation)[0] as ReturnType<typeof parseKeys>[number];

  it("match by the printed letter", () => {
    expect(matches(one("?"), event("?", { shiftKey: true }), false)).toBe(true);
    expect(matches(one("/"), event("/"), false)).toBe(true);
    // On some keyboards the slash needs Shift.
    expect(matches(one("/"), event("/", { shiftKey: true }), false)).toBe(true);
    expect(matches(one("j"), event("J", { shiftKey: true }), false)).toBe(false);
    expect(matches(one("Shift+j"), event("J", { shiftKey: true }), false)).toBe(true);
  });

  it("take Mod as the command key on Apple devices", () => {
    expect(matches(one("Mod+k"), event("k", { metaKey: true }), true)).toBe(true);
    expect(matches(one("Mod+k"), event("k", { ctrlKey: true }), true)).toBe(false);
    expect(matches(one("Mod+k"), event("k", { ctrlKey: true }), false)).toBe(true);
    expect(keyCaps("Mod+Enter", true)).toEqual(["⌘", "↵"]);
    expect(keyCaps("Mod+Shift+l", false)).toEqual(["Ctrl", "Shift", "L"]);
    expect(ariaKeys(["Mod+Enter", "g l"], false)).toBe("Control+Enter");
    expect(ariaKeys(["g l"])).toBeUndefined();
  });
});
