import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";
import { Options } from "./options.tsx";

function Group({ multiple = false, disabled = false }: { multiple?: boolean; disabled?: boolean }) {
  const [chosen, setChosen] = useState<string[]>([]);
  const choose = (option: string) =>
    setChosen(
      multiple
        ? chosen.includes(option)
          ? chosen.filter((other) => other !== option)
          : [...chosen, option]
        : [option],
    );
  return (
    <Options
      label="Correctness"
      options={["Fail", "Partial", "Pass"]}
      chosen={chosen}
      multiple={multiple}
      disabled={disabled}
      digits
      onChoose={choose}
    />
  );
}

test("a radio group is one tab stop; arrows choose and go around", async () => {
  const user = userEvent.setup();
  render(<Group />);
  await user.tab();
  await user.keyboard("{ArrowLeft}");
  expect(document.activeElement?.textContent).toContain("Pass");
  await user.keyboard("{ArrowRight}{ArrowDown}");
  expect(document.activeElement?.textContent).toContain("Partial");
  expect(screen.getAllByRole("radio").map((option) => option.tabIndex)).toEqual([-1, 0, -1]);
  expect(screen.getByRole("radiogroup", { name: "Correctness" })).toBeTruthy();
  expect(screen.getByRole("radio", { checked: true }).textContent).toContain("Partial");
});

test("several boxes are ticked one by one", async () => {
  const user = userEvent.setup();
  render(<Group multiple />);
  await user.tab();
  await user.keyboard(" ");
  await user.tab();
  await user.tab();
  await user.keyboard("{Enter}");
  expect(screen.getAllByRole("checkbox", { checked: true })).toHaveLength(2);
});

test("without the right nothing changes, but every option can be reached and read", async () => {
  const user = userEvent.setup();
  render(<Group disabled />);
  await user.tab();
  await user.keyboard("{ArrowRight} ");
  await user.click(screen.getByRole("radio", { name: /Pass/ }));
  expect(screen.queryByRole("radio", { checked: true })).toBeNull();
  expect(screen.getByRole("radio", { name: /Fail/ }).getAttribute("aria-disabled")).toBe("true");
});
