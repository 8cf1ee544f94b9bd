import { act, createElement } from "react";
import { hydrateRoot, type Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, describe, expect, test, vi } from "vitest";
import { VisitorCountElement } from "../src/element.ts";
import { FakeWebSocket, liveSockets, socketAt } from "./fake-websocket.ts";
import { refuseHandshakes, settle, withFreshPage } from "./page.ts";

withFreshPage();

afterEach(async () => {
  document.body.replaceChildren();
  await settle();
});

/** Puts an element of those attributes into the page, as a script does it. */
async function add(
  attributes: Readonly<Record<string, string>> = {},
): Promise<VisitorCountElement> {
  const element = new VisitorCountElement();
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  document.body.append(element);
  await settle();
  return element;
}

describe("an element that connects", () => {
  test("may be moved about the page meanwhile", async () => {
    const element = await add();
    const places = [document.createElement("div"), document.createElement("p")];
    document.body.append(...places);
    for (let time = 0; time < 10; time++) {
      places[time % 2]?.append(element);
      if (time % 3 === 0) await settle();
    }
    await settle();
    expect([FakeWebSocket.made.length, socketAt(0).closedWith]).toEqual([1, null]);
    socketAt(0).accept().sayCount(5);
    expect(element.count).toBe(5);
  });

  test("and is removed meanwhile never opens", async () => {
    const element = await add();
    element.remove();
    await settle();
    expect([socketAt(0).closedWith, vi.getTimerCount()]).toEqual([1000, 0]);
    expect(element.status).toBe("idle");
  });

  test("and is removed while it is asked why it is refused says nothing", async () => {
    const asked = Promise.withResolvers<Response>();
    vi.mocked(fetch).mockImplementation(async (_, init) => {
      init?.signal?.addEventListener("abort", () => asked.reject(init.signal?.reason));
      return asked.promise;
    });
    const element = await add();
    await refuseHandshakes(2);
    element.remove();
    await settle();
    asked.resolve(new Response("", { status: 403 }));
    await settle();
    expect(console.warn).not.toHaveBeenCalled();
    expect(element.status).toBe("idle");
    document.body.append(element);
    await settle();
    expect(element.status).toBe("connecting");
  });
});

describe("attributes that change at a high rate", () => {
  test("of the words and the like keep the connection, and the last ones are shown", async () => {
    const element = await add();
    socketAt(0).accept().sayCount(2);
    for (let time = 1; time <= 1_000; time++) {
      element.setAttribute("other", `{} of ${time}`);
      element.toggleAttribute("others");
      if (time % 100 === 0) await settle();
    }
    await settle();
    expect(element.shadowRoot?.textContent).toBe("2 of 1000");
    expect([FakeWebSocket.made.length, liveSockets()]).toEqual([1, 1]);
  });

  test("`page`, within one task, opens the last page alone", async () => {
    const element = await add({ page: "/0" });
    for (let time = 1; time <= 1_000; time++) element.setAttribute("page", `/${time}`);
    await settle();
    const pages = FakeWebSocket.made.map(({ url }) => new URL(url).searchParams.get("page"));
    expect(pages).toEqual(["/0", "/1000"]);
    expect(socketAt(0).closedWith).toBe(1000);
  });

  test("`enabled`, over and over, ends as it was left", async () => {
    const element = await add();
    for (let time = 0; time < 100; time++) {
      element.setAttribute("enabled", String(time % 2 === 0));
    }
    await settle();
    expect([element.status, FakeWebSocket.made.length]).toEqual(["idle", 1]);
    expect(socketAt(0).closedWith).toBe(1000);
    for (let time = 0; time < 101; time++) {
      element.setAttribute("enabled", String(time % 2 === 0));
    }
    await settle();
    expect([element.status, FakeWebSocket.made.length]).toEqual(["connecting", 2]);
  });
});

test("elements of two endpoints have a connection and a count each", async () => {
  const here = await add({ endpoint: "https://here.example.com" });
  const there = await add({ endpoint: "https://there.example.com" });
  socketAt(0).accept().sayCount(3);
  socketAt(1).accept().sayCount(8);
  expect([here.count, there.count]).toEqual([3, 8]);
  here.remove();
  await settle();
  expect([socketAt(0).closedWith, socketAt(1).closedWith]).toEqual([1000, null]);
});

test("an element that was refused stays stopped whatever changes about it, until it is back", async () => {
  const element = await add();
  socketAt(0).accept().sayCount(2).lose(4429);
  element.setAttribute("other", "{} here");
  await settle();
  expect([element.status, element.shadowRoot?.textContent]).toEqual(["stopped", "2 here"]);
  expect([FakeWebSocket.made.length, vi.mocked(console.warn).mock.calls.length]).toEqual([1, 1]);
  element.remove();
  await settle();
  document.body.append(element);
  await settle();
  expect(element.status).toBe("connecting");
});

test("`others` are never fewer than none, as where only the browser's headers object", async () => {
  const element = await add({ others: "" });
  socketAt(0).accept().sayCount(0);
  expect(element.shadowRoot?.textContent).toBe("0");
});

test.for([
  ["minimum", "Infinity", ""],
  ["minimum", "-Infinity", "2"],
  ["minimum", "1e400", ""],
  ["minimum", "0x2", "2"],
  ["other", "", ""],
  ["other", "{}{}{}", "222"],
  ["other", "{", "{"],
  ["lang", "x".repeat(100), "2"],
  ["lang", "\u{1F98A}", "2"],
])("an attribute %s of %s shows what it says: %s", async ([name = "", value = "", text]) => {
  const element = await add({ [name]: value });
  socketAt(0).accept().sayCount(2);
  expect(element.shadowRoot?.textContent).toBe(text);
});

test.for([
  [{ suppressHydrationWarning: true }, 0],
  // By then it has its `data-status`.
  [{}, 1],
] as const)(
  "React hydrates one that is defined already, and with %o warns %i times",
  async ([props, times]) => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    vi.spyOn(console, "error").mockImplementation(() => {});
    const jsx = createElement("visitor-count", { other: "{} people", ...props }, "people");
    document.body.innerHTML = renderToString(jsx);
    await settle();
    const { promise, resolve } = Promise.withResolvers<Root>();
    await act(async () => resolve(hydrateRoot(document.body, jsx)));
    socketAt(0).accept().sayCount(2);
    expect(document.querySelector("visitor-count")?.shadowRoot?.textContent).toBe("2 people");
    expect(console.error).toHaveBeenCalledTimes(times);
    const root = await promise;
    await act(async () => root.unmount());
  },
);
