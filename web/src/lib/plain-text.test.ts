import { expect, it } from "vitest";
import { plainText } from "./plain-text.ts";

it("leaves the words of markdown", () => {
  expect(plainText("**Partial** if a `step` is *missing*, see [the guide](https://x.y/z).")).toBe(
    "Partial if a step is missing, see the guide.",
  );
  expect(plainText("# Tone\n\n- cold\n- warm")).toBe("Tone cold warm");
  expect(plainText("snake_case_name and 2 * 3 * 4 stay")).toBe("snake_case_name and 2 * 3 * 4 stay");
});
