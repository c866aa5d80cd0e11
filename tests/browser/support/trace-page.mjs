/** The trace page by the names that people who cannot see it hear. */
import { expect } from "@playwright/test";

export class TracePage {
  constructor(page) {
    this.page = page;
    this.panel = page.getByRole("complementary", { name: "Human review" });
    this.expected = page.getByRole("textbox", { name: "Expected" });
    this.comment = page.getByRole("textbox", { name: "Comment", exact: true });
    this.discussion = page.getByRole("region", { name: "Discussion" });
    this.status = page.getByRole("button", { name: /^Status: / });
  }

  /** The panel is there and connected. */
  async ready() {
    await expect(this.status).toBeVisible();
    await this.synced();
  }

  synced() {
    return expect(this.page.getByText("Synced").first()).toBeVisible();
  }

  /** The questions of one score. */
  question(score) {
    return this.page.getByRole("region", { name: score, exact: true });
  }

  choose(score, option) {
    return this.question(score).getByRole("radio", { name: option }).click();
  }

  /** What another person gave: their mark beside the value. */
  judgementOf(score, person) {
    return this.question(score).getByRole("img", { name: person, exact: true });
  }

  /** Starts the expected value from the output. */
  async edit() {
    await this.page.keyboard.press("e");
    await expect(this.expected).toBeVisible();
  }

  /** What the editor holds, without the names that mark the carets of others. */
  expectText(text) {
    const read = () =>
      this.expected.evaluate((editor) => {
        const copy = editor.cloneNode(true);
        for (const mark of copy.querySelectorAll("[aria-hidden=true]")) mark.remove();
        return [...copy.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n");
      });
    return expect.poll(read, { timeout: 20_000 }).toEqual(text);
  }

  async say(text) {
    await this.comment.fill(text);
    await this.comment.press("Enter");
    await expect(this.discussion.getByText(text)).toBeVisible();
  }
}
