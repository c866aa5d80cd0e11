import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ProjectScore } from "@/api/types.ts";
import { answerFetch, renderPart } from "@/test/render.tsx";
import { ScoreEditor } from "./score-editor.tsx";

afterEach(() => vi.unstubAllGlobals());

const stored: ProjectScore = {
  id: "s1",
  project_id: "p1",
  user_id: "u1",
  name: "Tone",
  description: "How warm",
  score_type: "slider",
  categories: null,
  config: { aggregate: "median" },
  position: "0|a",
  created: "2026-11-24T09:00:00.000000Z",
};

describe("the editor of a score", () => {
  it("says what is wrong beside each field, sends nothing, then sends what was meant", async () => {
    const user = userEvent.setup({ delay: null });
    const calls = answerFetch({ "POST /v1/project_score": {} });
    const done = vi.fn();
    renderPart(<ScoreEditor projectId="p1" score={null} others={[stored]} onDone={done} />);

    await user.type(screen.getByLabelText("Name"), "Tone");
    await user.clear(screen.getByLabelText("Option 2, value"));
    await user.type(screen.getByLabelText("Option 2, value"), "0");
    await user.click(screen.getByRole("button", { name: "Create score" }));
    expect(screen.getByText("This project has a score called Tone.")).toBeTruthy();
    expect(screen.getByText("Fail has the value 0 already. Values must differ.")).toBeTruthy();
    expect(calls).toEqual([]);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Name")));

    await user.clear(screen.getByLabelText("Name"));
    await user.type(screen.getByLabelText("Name"), "Correctness");
    await user.clear(screen.getByLabelText("Option 2, value"));
    await user.type(screen.getByLabelText("Option 2, value"), "1");
    await user.click(screen.getByRole("button", { name: "Create score" }));
    await waitFor(() => expect(done).toHaveBeenCalledTimes(1));
    expect(calls[0]).toEqual({
      method: "POST",
      path: "/v1/project_score",
      body: {
        project_id: "p1",
        name: "Correctness",
        description: null,
        score_type: "categorical",
        categories: [
          { name: "Fail", value: 0 },
          { name: "Pass", value: 1 },
        ],
        config: { aggregate: "mean" },
      },
    });
  });

  it("keeps the kind of a stored score, and warns about a new name", async () => {
    const user = userEvent.setup({ delay: null });
    const calls = answerFetch({ "PATCH /v1/project_score/s1": {} });
    const done = vi.fn();
    renderPart(<ScoreEditor projectId="p1" score={stored} others={[]} onDone={done} />);
    const kind = screen.getByRole("radio", { name: "Slider" });
    expect(kind.getAttribute("aria-disabled") ?? kind.hasAttribute("disabled")).toBeTruthy();
    await user.type(screen.getByLabelText("Name"), " of voice");
    expect(screen.getByText("Values given until now stay under the old name.")).toBeTruthy();
    await user.clear(screen.getByLabelText("Description"));
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(done).toHaveBeenCalledTimes(1));
    expect(calls[0]?.body).toEqual({
      name: "Tone of voice",
      description: "",
      score_type: "slider",
      categories: null,
      config: { aggregate: "median" },
    });
  });

  it("shows the server's refusal and keeps what was typed", async () => {
    const user = userEvent.setup({ delay: null });
    answerFetch({});
    renderPart(<ScoreEditor projectId="p1" score={null} others={[]} onDone={vi.fn()} />);
    await user.type(screen.getByLabelText("Name"), "Correctness");
    await user.click(screen.getByRole("button", { name: "Create score" }));
    expect(await screen.findByText("No POST /v1/project_score.")).toBeTruthy();
    expect((screen.getByLabelText("Name") as HTMLInputElement).value).toBe("Correctness");
  });
});
