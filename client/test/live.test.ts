import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

/** Runs the script tag's script as if it were that script element, and gives its class. */
async function runFrom(script: HTMLScriptElement | null) {
  vi.spyOn(document, "currentScript", "get").mockReturnValue(script);
  await import("../src/live.ts");
  return (await import("../src/element.ts")).VisitorCountElement;
}

function scriptFrom(src: string): HTMLScriptElement {
  return Object.assign(document.createElement("script"), { src });
}

test.for([
  ["https://count.example.com/live.js", "https://count.example.com/"],
  ["https://count.example.com/live-0123456789abcdef.js", "https://count.example.com/"],
  ["https://blog.example.com/live/live.js?v=1#x", "https://blog.example.com/live/"],
  ["/live/live.js", "http://localhost:3000/live/"],
] as const)("loaded from %s it counts at %s", async ([src, endpoint]) => {
  expect((await runFrom(scriptFrom(src))).endpoint).toBe(endpoint);
});

test("written into the page, or as a module, it leaves the endpoint to the elements", async () => {
  expect((await runFrom(document.createElement("script"))).endpoint).toBeUndefined();
  vi.resetModules();
  expect((await runFrom(null)).endpoint).toBeUndefined();
});

test("a second script on the page leaves the element to the first", async () => {
  const first = await runFrom(scriptFrom("https://count.example.com/live.js"));
  const defined = customElements.get("visitor-count");
  vi.resetModules();
  expect(await runFrom(scriptFrom("https://other.example.com/live.js"))).not.toBe(first);
  expect(customElements.get("visitor-count")).toBe(defined);
});
