import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { VisitorCountElement } from "../src/element.ts";
import type { VisitorState } from "../src/index.ts";
import { FakeWebSocket, liveSockets, socketAt } from "./fake-websocket.ts";
import { hide, settle, show, USER_ID, visit, withFreshPage } from "./page.ts";

withFreshPage();

beforeEach(() => {
  document.documentElement.lang = "en";
});

afterEach(async () => {
  document.body.replaceChildren();
  await settle();
});

/** Puts markup into the page and gives its first `<visitor-count>`. */
async function put(html: string): Promise<VisitorCountElement> {
  document.body.innerHTML = html;
  await settle();
  return find();
}

function find(selector = "visitor-count"): VisitorCountElement {
  const element = document.querySelector(selector);
  if (element instanceof VisitorCountElement) return element;
  throw new Error(`no upgraded element matches ${selector}`);
}

/** What a visitor reads: content that is slotted in place of its slot. */
function read(element: VisitorCountElement): string | null {
  const root = element.shadowRoot;
  if (root === null) throw new Error("the element has no open shadow root");
  return root.querySelector("slot") === null ? root.textContent : element.textContent;
}

/** An element of those attributes on a page of `count`. */
async function putLive(count: number, attributes = "", content = ""): Promise<VisitorCountElement> {
  const element = await put(`<visitor-count ${attributes}>${content}</visitor-count>`);
  socketAt(0).accept().sayPong().sayCount(count);
  return element;
}

function paramOf(index: number, name: string): string | null {
  return new URL(socketAt(index).url).searchParams.get(name);
}

describe("what is shown", () => {
  test("is the element's content until the first count, then the number", async () => {
    const element = await put("<visitor-count>Some</visitor-count>");
    expect(read(element)).toBe("Some");
    socketAt(0).accept().sayPong();
    expect(read(element)).toBe("Some");
    socketAt(0).sayCount(1_234);
    expect(read(element)).toBe("1,234");
    socketAt(0).sayCount(2);
    expect(read(element)).toBe("2");
  });

  test("is the last number while the connection is lost, and while the page is hidden", async () => {
    const element = await putLive(3);
    socketAt(0).lose();
    expect([element.status, read(element)]).toEqual(["retrying", "3"]);
    hide();
    expect([element.status, read(element)]).toEqual(["paused", "3"]);
  });

  test("is in two parts that a page's style reaches, and brings no style of its own", async () => {
    const element = await putLive(3, 'other="Now {} people"');
    expect(element.shadowRoot?.innerHTML).toBe(
      '<span part="text">Now <span part="count">3</span> people</span>',
    );
    expect(element.getAttribute("style")).toBeNull();
  });

  test("is no live region and has no role", async () => {
    const element = await putLive(3);
    const nodes = [element, ...(element.shadowRoot?.querySelectorAll("*") ?? [])];
    for (const name of ["role", "aria-live", "aria-atomic", "aria-label", "tabindex"]) {
      expect(nodes.filter((node) => node.hasAttribute(name))).toEqual([]);
    }
  });

  test("may be a template without the number, or with it twice", async () => {
    const element = await putLive(1, 'one="One person" other="{} people, yes, {}"');
    expect(read(element)).toBe("One person");
    socketAt(0).sayCount(2);
    expect(read(element)).toBe("2 people, yes, 2");
  });

  test("takes a template as text, never as markup", async () => {
    const element = await putLive(2, 'other="&lt;b&gt;{}&lt;/b&gt;"');
    expect(read(element)).toBe("<b>2</b>");
    expect(element.shadowRoot?.querySelector("b")).toBeNull();
  });
});

describe("plural rules", () => {
  const ALL = ["zero", "one", "two", "few", "many", "other"]
    .map((category) => `${category}="${category} {}"`)
    .join(" ");

  test.for([
    ["en", [1, 2, 21, 1_000], ["one 1", "other 2", "other 21", "other 1,000"]],
    ["pl", [1, 3, 5, 22, 12_000], ["one 1", "few 3", "many 5", "few 22", "many 12\u00a0000"]],
    ["ar-EG", [1, 2, 3, 11, 100], ["one ١", "two ٢", "few ٣", "many ١١", "other ١٠٠"]],
    ["ja", [1, 2, 1_000], ["other 1", "other 2", "other 1,000"]],
  ] as const)("of %s choose the words and write the number", async ([lang, counts, expected]) => {
    const element = await putLive(7, `lang="${lang}" ${ALL}`);
    const seen = counts.map((count) => {
      socketAt(0).sayCount(count);
      return read(element);
    });
    expect(seen).toEqual(expected);
  });

  test("fall back to `other` where a category has no words, and to the number alone", async () => {
    const element = await putLive(1, 'other="{} here"');
    expect(read(element)).toBe("1 here");
    element.removeAttribute("other");
    await settle();
    expect(read(element)).toBe("1");
  });

  test("`zero` are the words for 0 in every language", async () => {
    const element = await putLive(1, 'others zero="Only you" one="{} other" other="{} others"');
    expect(read(element)).toBe("Only you");
    socketAt(0).sayCount(2);
    expect(read(element)).toBe("1 other");
  });

  test("without `zero`, 0 has the words that the language gives it", async () => {
    const element = await putLive(1, 'lang="fr" others one="{} autre" other="{} autres"');
    expect(read(element)).toBe("0 autre");
  });
});

describe("the language", () => {
  test("is the nearest `lang`", async () => {
    await put('<div lang="de"><p><visitor-count></visitor-count></p></div>');
    socketAt(0).accept().sayCount(1_234);
    expect(read(find())).toBe("1.234");
    find().lang = "en-IN";
    await settle();
    socketAt(0).sayCount(123_456);
    expect(read(find())).toBe("1,23,456");
  });

  test.for(["", "not a language", "en_US"])(
    "'%s', which is none, is the browser's",
    async (lang) => {
      const element = await putLive(1_234, `lang="${lang}" other="{} people"`);
      expect(read(element)).toBe(`${(1_234).toLocaleString()} people`);
    },
  );

  test("that the page changes to is taken with the next count", async () => {
    const element = await putLive(1_234);
    document.documentElement.lang = "de";
    socketAt(0).sayCount(1_235);
    expect(read(element)).toBe("1.235");
  });
});

describe("`minimum`", () => {
  test("shows nothing below it, not even an empty part", async () => {
    const element = await putLive(2, 'minimum="3"', "Some");
    expect(element.shadowRoot?.childNodes).toHaveLength(0);
    socketAt(0).sayCount(3);
    expect(read(element)).toBe("3");
    socketAt(0).sayCount(2);
    expect(element.shadowRoot?.childNodes).toHaveLength(0);
  });

  test("leaves the element's content until there is a count", async () => {
    expect(read(await put('<visitor-count minimum="3">Some</visitor-count>'))).toBe("Some");
  });

  test("is compared with what would be shown", async () => {
    const element = await putLive(3, 'others minimum="3"');
    expect(element.shadowRoot?.childNodes).toHaveLength(0);
    socketAt(0).sayCount(4);
    expect(read(element)).toBe("3");
  });

  test.for(["", "many"])("that is '%s' hides nothing", async (minimum) => {
    expect(read(await putLive(1, `minimum="${minimum}"`))).toBe("1");
  });
});

describe("`others`", () => {
  test("leaves the visitor out of the number, not out of `count`", async () => {
    const element = await putLive(5, "others");
    expect([read(element), element.count]).toEqual(["4", 5]);
    element.toggleAttribute("others", false);
    await settle();
    expect(read(element)).toBe("5");
  });

  test("takes nobody off for a visitor who is not counted", async () => {
    vi.stubGlobal("navigator", { doNotTrack: "1" });
    expect(read(await putLive(5, "others"))).toBe("5");
  });
});

describe("the connection", () => {
  test("is to what the attributes say", async () => {
    await put(
      `<visitor-count endpoint="https://count.example.com/live" page="/pricing" visitor-id="${USER_ID}"></visitor-count>`,
    );
    expect(socketAt(0).url).toBe(
      `wss://count.example.com/live/ws?page=%2Fpricing&userId=${USER_ID}&v=2`,
    );
  });

  test("is without them to the page's own origin, for its own address", async () => {
    await put("<visitor-count></visitor-count>");
    expect(new URL(socketAt(0).url).host).toBe("localhost:3000");
    expect(paramOf(0, "page")).toBe("http://localhost:3000/posts/hello");
  });

  test("is one for two elements, and for a counter of the same page", async () => {
    await put("<visitor-count></visitor-count><visitor-count others></visitor-count>");
    visit({});
    expect(FakeWebSocket.made).toHaveLength(1);
    socketAt(0).accept().sayCount(5);
    expect([read(find()), read(find("[others]"))]).toEqual(["5", "4"]);
  });

  test("is kept when the element is moved, and so is what is shown", async () => {
    const element = await putLive(5);
    const events: unknown[] = [];
    element.addEventListener("visitorcount", (event) => events.push(event));
    const place = document.createElement("div");
    document.body.append(place);
    place.append(element);
    await settle();
    expect([liveSockets(), FakeWebSocket.made.length, read(element)]).toEqual([1, 1, "5"]);
    expect(events).toEqual([]);
    socketAt(0).sayCount(6);
    expect(read(element)).toBe("6");
  });

  test("ends when the element is removed", async () => {
    const element = await putLive(5);
    element.remove();
    await settle();
    expect(socketAt(0).closedWith).toBe(1000);
    expect(vi.getTimerCount()).toBe(0);
    expect([element.status, element.count]).toEqual(["idle", undefined]);
    document.body.append(element);
    await settle();
    expect([element.status, FakeWebSocket.made.length]).toEqual(["connecting", 2]);
  });

  test("is another one once `page` changes, and the old count is not shown for it", async () => {
    const element = await putLive(5, 'page="/a"', "Some");
    element.setAttribute("page", "/b");
    await settle();
    expect([socketAt(0).closedWith, paramOf(1, "page")]).toEqual([1000, "/b"]);
    expect([read(element), element.count]).toEqual(["Some", undefined]);
  });

  test("is made once for attributes that are set one after the other", async () => {
    const element = document.createElement("visitor-count");
    document.body.append(element);
    element.setAttribute("endpoint", "https://count.example.com");
    element.setAttribute("page", "/a");
    await settle();
    expect(FakeWebSocket.made).toHaveLength(1);
    expect(paramOf(0, "page")).toBe("/a");
  });

  test("is not made for an element that is nowhere", async () => {
    document.createElement("visitor-count").setAttribute("page", "/a");
    await settle();
    expect(FakeWebSocket.made).toHaveLength(0);
  });

  test("goes to the class's `endpoint` where the element has none", async () => {
    VisitorCountElement.endpoint = "https://count.example.com";
    await put("<visitor-count></visitor-count><visitor-count endpoint='/live'></visitor-count>");
    VisitorCountElement.endpoint = undefined;
    expect(FakeWebSocket.made.map(({ url }) => url.split("/ws?")[0])).toEqual([
      "wss://count.example.com",
      "ws://localhost:3000/live",
    ]);
  });
});

describe("`enabled`", () => {
  test("that is false keeps everything closed and stores nothing, until it is not", async () => {
    const element = await put('<visitor-count enabled="false">Some</visitor-count>');
    expect([FakeWebSocket.made.length, localStorage.length, read(element)]).toEqual([0, 0, "Some"]);
    expect(element.dataset["status"]).toBe("idle");
    element.removeAttribute("enabled");
    await settle();
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test("switched off ends the connection and shows the content", async () => {
    const element = await putLive(5, "", "Some");
    element.setAttribute("enabled", "false");
    await settle();
    expect([socketAt(0).closedWith, element.status, read(element)]).toEqual([1000, "idle", "Some"]);
  });

  test("switched off leaves another element of the page its connection, and does not look at it", async () => {
    await put("<visitor-count></visitor-count><visitor-count enabled='false'></visitor-count>");
    socketAt(0).accept().sayCount(5);
    expect(read(find("[enabled]"))).toBe("");
    expect([read(find()), find("[enabled]").count]).toEqual(["5", undefined]);
  });
});

describe("the state", () => {
  test("is in `data-status`, in properties and in an event for each change", async () => {
    const element = await put("<visitor-count></visitor-count>");
    const heard: VisitorState[] = [];
    const seen: unknown[] = [];
    element.addEventListener("visitorcount", (event) => {
      if (event instanceof CustomEvent) heard.push(event.detail);
      seen.push([element.dataset["status"], element.status, element.count, read(element)]);
    });
    socketAt(0).accept().sayPong().sayCount(5);
    hide();
    await vi.advanceTimersByTimeAsync(5_000);
    show();
    expect(heard).toEqual([
      { count: 5, status: "live" },
      { count: 5, status: "paused" },
      { count: 5, status: "connecting" },
    ]);
    expect(seen).toEqual([
      ["live", "live", 5, "5"],
      ["paused", "paused", 5, "5"],
      ["connecting", "connecting", 5, "5"],
    ]);
  });

  test("is told to an element that joins those that are there", async () => {
    await putLive(5);
    const element = document.createElement("visitor-count");
    const heard: unknown[] = [];
    element.addEventListener("visitorcount", (event) => {
      if (event instanceof CustomEvent) heard.push(event.detail);
    });
    document.body.append(element);
    await settle();
    expect(heard).toEqual([{ count: 5, status: "live" }]);
  });

  test("is told to the element alone: the event does not bubble", async () => {
    await put("<visitor-count></visitor-count>");
    const listener = vi.fn<() => void>();
    document.addEventListener("visitorcount", listener);
    socketAt(0).accept().sayCount(5);
    document.removeEventListener("visitorcount", listener);
    expect(listener).not.toHaveBeenCalled();
  });
});
