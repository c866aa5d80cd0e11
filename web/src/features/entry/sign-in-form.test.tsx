import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { answerFetch, renderPart } from "@/test/render.tsx";
import { passwordProblem } from "./password.ts";
import { SignInForm } from "./sign-in-form.tsx";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function signIn() {
  const user = userEvent.setup({ delay: null });
  await user.type(screen.getByLabelText("E-mail"), " eva@example.com ");
  await user.type(screen.getByLabelText("Password"), "secret words");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
}

describe("the sign-in form", () => {
  it("sends what was typed and hands the session on", async () => {
    const session = { user: { id: "u", email: "eva@example.com", name: "Eva" } };
    const calls = answerFetch({ "POST /api/session": session });
    const enter = vi.fn();
    renderPart(<SignInForm onEnter={enter} />);
    await signIn();
    expect(calls[0]?.body).toEqual({ email: "eva@example.com", password: "secret words" });
    expect(enter).toHaveBeenCalledExactlyOnceWith(session);
  });

  it("counts down after too many attempts, and opens again", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    vi.stubGlobal(
      "fetch",
      async () =>
        new Response(JSON.stringify({ type: "/problems/too-many-attempts", status: 429 }), {
          status: 429,
          headers: { "retry-after": "30" },
        }),
    );
    renderPart(<SignInForm onEnter={vi.fn()} />);
    await signIn();
    expect(screen.getByText(/Too many attempts\. Try again in (30|29) s\./)).toBeTruthy();
    expect((screen.getByRole("button", { name: "Sign in" }) as HTMLButtonElement).disabled).toBe(true);
    await act(() => vi.advanceTimersByTimeAsync(31_000));
    expect(screen.queryByText(/Too many attempts/)).toBeNull();
    expect((screen.getByRole("button", { name: "Sign in" }) as HTMLButtonElement).disabled).toBe(false);
  });

  it("says how long a new password must be", () => {
    expect(passwordProblem("")).toBe("Choose a password.");
    expect(passwordProblem("short")).toBe("The password has 5 characters; it needs at least 8.");
    expect(passwordProblem("long enough")).toBeNull();
  });
});
