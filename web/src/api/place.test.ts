import { expect, it } from "vitest";
import { logsPlace, objectPlace } from "./place.ts";

it("addresses of traces survive any name", () => {
  const logs = logsPlace("Acme", { id: "p1", name: "Shoe Shop / EU" });
  expect(logs.list).toBe("/app/Acme/p/Shoe%20Shop%20%2F%20EU/logs");
  expect(logs.trace("a/b", { s: "x y", t: undefined })).toBe(`${logs.list}/a%2Fb?s=x+y`);
  expect(logs.trace("a", { s: "0123" })).toBe(`${logs.list}/a?s=0123`);
  expect(logs.trace("a", { s: "123" })).toBe(`${logs.list}/a?s=%22123%22`);
  const dataset = objectPlace("Acme", "Bot", "datasets", { id: "d1", name: "Golden set" });
  expect(dataset.object).toEqual({ object_type: "dataset", object_id: "d1" });
  expect(dataset.trace("r", { c: "c1", review: "1" })).toBe(
    "/app/Acme/p/Bot/datasets/Golden%20set/r?c=c1&review=%221%22",
  );
});
