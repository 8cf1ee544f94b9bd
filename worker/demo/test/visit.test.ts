import { expect, test } from "vitest";
import { Visit } from "../visit.ts";

/** A visit that was counted at 30 ms, with the number 3. */
function counted(isOptedOut = false): Visit {
  const visit = new Visit(isOptedOut);
  visit.hear({ count: undefined, status: "connecting" }, 0);
  visit.hear({ count: 3, status: "live" }, 30);
  return visit;
}

test("the first count says how long it took", () => {
  const visit = new Visit(false);
  expect(visit.hear({ count: undefined, status: "connecting" }, 100)).toBeUndefined();
  expect(visit.hear({ count: 3, status: "live" }, 130)).toBe(
    "You came, counted 30 ms later: 3 here now",
  );
});

test("a reader who asks not to be tracked is told the number", () => {
  const visit = new Visit(true);
  visit.hear({ count: undefined, status: "connecting" }, 100);
  expect(visit.hear({ count: 2, status: "live" }, 130)).toBe(
    "You came, told the number 30 ms later: 2 here now",
  );
});

test("another number is a change, the same one is nothing", () => {
  const visit = counted();
  expect(visit.hear({ count: 5, status: "live" }, 1_000)).toEqual({ from: 3, to: 5 });
  expect(visit.hear({ count: 5, status: "live" }, 2_000)).toBeUndefined();
});

test("who hides the tab leaves and comes back", () => {
  const visit = counted();
  expect(visit.look(true, 10_000)).toBeUndefined();
  expect(visit.hear({ count: 3, status: "paused" }, 15_020)).toBe(
    "You left: this tab was hidden for 5.0 s",
  );
  expect(visit.look(false, 25_020)).toBeUndefined();
  expect(visit.hear({ count: 3, status: "connecting" }, 25_020)).toBeUndefined();
  expect(visit.hear({ count: 4, status: "live" }, 25_060)).toBe(
    "You are back after 10.0 s, counted 40 ms later: 4 here now",
  );
});

test("who comes back soon has not left", () => {
  const visit = counted();
  visit.look(true, 10_000);
  expect(visit.look(false, 12_000)).toBe("This tab was hidden for 2.0 s: too short to leave");
});

test("a tab that opens in the background is not gone before it came", () => {
  const visit = new Visit(false);
  expect(visit.hear({ count: undefined, status: "paused" }, 0)).toBeUndefined();
  expect(visit.look(false, 9_000)).toBeUndefined();
  visit.hear({ count: undefined, status: "connecting" }, 9_000);
  expect(visit.hear({ count: 1, status: "live" }, 9_020)).toBe(
    "You came, counted 20 ms later: 1 here now",
  );
});

test("a loss is told once, however many attempts follow, and so is its end", () => {
  const visit = counted();
  const news = [
    visit.hear({ count: 3, status: "retrying" }, 1_000),
    visit.hear({ count: 3, status: "connecting" }, 1_500),
    visit.hear({ count: 3, status: "retrying" }, 1_600),
    visit.hear({ count: 3, status: "connecting" }, 3_900),
    visit.hear({ count: 3, status: "live" }, 4_000),
  ];
  expect(news).toEqual([
    "The connection was lost",
    undefined,
    undefined,
    undefined,
    "Connected again after 3.0 s: 3 here now",
  ]);
  expect(visit.hear({ count: 3, status: "retrying" }, 9_000)).toBe("The connection was lost");
});

test("a server that never answered is told as that", () => {
  const visit = new Visit(false);
  visit.hear({ count: undefined, status: "connecting" }, 0);
  expect(visit.hear({ count: undefined, status: "retrying" }, 10)).toBe(
    "The server cannot be reached",
  );
});
