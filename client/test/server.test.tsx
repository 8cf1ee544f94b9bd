// @vitest-environment node
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { createVisitorCounter } from "../src/index.ts";
import { useVisitorCount, VisitorCount } from "../src/react.ts";

function Status(): string {
  const { count, status } = useVisitorCount({ endpoint: "https://count.example.com" });
  return `${status} ${count}`;
}

test("these tests run where there is no browser", () => {
  expect(
    ["window", "document", "location", "localStorage"].filter((name) => name in globalThis),
  ).toEqual([]);
});

test("a server renders the fallback and nothing else happens", () => {
  expect(renderToString(<VisitorCount fallback="some" className="live" />)).toBe(
    '<span data-status="idle" class="live">some</span>',
  );
});

test("a server renders the hook's idle state", () => {
  expect(renderToString(<Status />)).toBe("idle undefined");
});

test("the element can be imported on a server, where it defines nothing", async () => {
  const { VisitorCountElement } = await import("../src/element.ts");
  expect(VisitorCountElement.endpoint).toBeUndefined();
  expect("customElements" in globalThis).toBe(false);
});

test("a counter can be made and read on a server", () => {
  const counter = createVisitorCounter({ page: "/a" });
  expect(counter.getSnapshot()).toEqual({ count: undefined, status: "idle" });
  expect(counter.getServerSnapshot()).toBe(createVisitorCounter().getServerSnapshot());
});
