import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { topPages, unheardPages } from "../src/rules/directory.ts";
import type { SiteDirectory } from "../src/site-directory.ts";
import { eventually } from "./support/eventually.ts";
import { Visitor, type counterOf, freshPage } from "./support/visitor.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const TEN_MINUTES = 600_000;

/** The directory of a site of its own, so that tests do not see each other's pages. */
function freshDirectory(): DurableObjectStub<SiteDirectory> {
  return env.SITE_DIRECTORY.getByName(`https://${crypto.randomUUID()}.example.net`);
}

function rowsOf(stub: DurableObjectStub<SiteDirectory>): Promise<unknown[]> {
  return runInDurableObject(stub, (_instance, { storage }) =>
    storage.sql.exec("SELECT page, count FROM pages ORDER BY page").toArray(),
  );
}

/** Moves what was heard into the past, and has the object hibernate, so that it reads that. */
async function age(stub: DurableObjectStub<SiteDirectory>, byMs: number): Promise<void> {
  await runInDurableObject(stub, (_instance, { storage }) => {
    storage.sql.exec("UPDATE pages SET heardMs = heardMs - ?", byMs);
  });
  await evictDurableObject(stub);
}

/** Total and pages, in a line. */
async function read(stub: DurableObjectStub<SiteDirectory>): Promise<unknown[]> {
  const { value } = await stub.read();
  return [value.count, ...value.pages.map(({ page, count }) => `${page}=${count}`)];
}

describe("the directory of a site", () => {
  test("adds up what its pages say, the most visited first", async () => {
    const stub = freshDirectory();
    await stub.report("/a", 2);
    await stub.report("/b", 5);
    await stub.report("/c", 1);
    expect(await read(stub)).toEqual([8, "/b=5", "/a=2", "/c=1"]);
  });

  test("keeps one row for each page on which somebody is, over hibernation", async () => {
    const stub = freshDirectory();
    for (const count of [1, 2, 3]) await stub.report("/a", count);
    await stub.report("/b", 1);
    await stub.report("/b", 0);
    await evictDurableObject(stub);
    expect(await rowsOf(stub)).toEqual([{ page: "/a", count: 3 }]);
    expect(await read(stub)).toEqual([3, "/a=3"]);
    await stub.report("/a", 0);
    expect(await rowsOf(stub)).toEqual([]);
  });

  test("stores nothing when it is only read, or told that nobody is there", async () => {
    const stub = freshDirectory();
    await stub.report("/a", 0);
    expect(await read(stub)).toEqual([0]);
    const tables = await runInDurableObject(stub, (_instance, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master").toArray(),
    );
    expect(tables).toEqual([]);
  });

  test("writes one row when a count changes, and none when it does not", async () => {
    const stub = freshDirectory();
    const rowsWritten = (count: number): Promise<number> =>
      runInDurableObject(stub, (instance, { storage }) => {
        const exec = vi.spyOn(storage.sql, "exec");
        instance.report("/a", count);
        const rows = exec.mock.results.map(({ value }) => Number(value.rowsWritten));
        exec.mockRestore();
        return rows.reduce((sum, written) => sum + written, 0);
      });
    await stub.report("/b", 1);
    expect([await rowsWritten(1), await rowsWritten(2), await rowsWritten(2)]).toEqual([1, 1, 0]);
    expect([await rowsWritten(0), await rowsWritten(0)]).toEqual([1, 0]);
  });

  test("answers from memory for five seconds", async () => {
    const stub = freshDirectory();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    await stub.report("/a", 1);
    expect(await read(stub)).toEqual([1, "/a=1"]);
    await stub.report("/a", 2);
    vi.advanceTimersByTime(4_999);
    expect(await read(stub)).toEqual([1, "/a=1"]);
    vi.advanceTimersByTime(1);
    expect(await read(stub)).toEqual([2, "/a=2"]);
  });

  test("names fifty pages and counts all", async () => {
    const stub = freshDirectory();
    await runInDurableObject(stub, (instance) => {
      for (let index = 1; index <= 60; index++) instance.report(`/${index}`, index);
    });
    const { value } = await stub.read();
    expect(value.count).toBe((60 * 61) / 2);
    expect(value.pages.map(({ count }) => count)).toEqual(
      Array.from({ length: 50 }, (_, index) => 60 - index),
    );
  });
});

describe("a page that has been silent for ten minutes", () => {
  test("is asked when somebody reads, and gone when nobody is there", async () => {
    const stub = freshDirectory();
    const [empty, visited] = [freshPage(), freshPage()];
    const visitors = [await Visitor.join({ page: visited }), await Visitor.join({ page: visited })];
    await visitors[1]?.sees(2);
    await stub.report(empty, 7);
    await stub.report(visited, 1);
    await age(stub, TEN_MINUTES - 60_000);
    expect((await stub.read()).value.count).toBe(8);
    await age(stub, 60_000);
    expect(await read(stub)).toEqual([2, `${visited}=2`]);
    expect(await rowsOf(stub)).toEqual([{ page: visited, count: 2 }]);
  });

  test("is not believed against what it says itself meanwhile", async () => {
    const stub = freshDirectory();
    const page = freshPage();
    await stub.report(page, 7);
    await age(stub, TEN_MINUTES);
    const { promise, resolve } = Promise.withResolvers<number>();
    await runInDurableObject(stub, async (instance) => {
      vi.spyOn(env.PAGE_COUNTER, "getByName").mockReturnValue(
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a fake
        { count: () => promise } as unknown as ReturnType<typeof counterOf>,
      );
      const reading = instance.read();
      instance.report(page, 3);
      resolve(7);
      expect((await reading).value.count).toBe(3);
    });
    expect(await rowsOf(stub)).toEqual([{ page, count: 3 }]);
  });

  test("that cannot be asked keeps its count, and is asked again in a minute", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const stub = freshDirectory();
    await stub.report("/a", 7);
    await age(stub, TEN_MINUTES);
    let asked = 0;
    await runInDurableObject(stub, async (instance) => {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
      vi.spyOn(env.PAGE_COUNTER, "getByName").mockImplementation(() => {
        asked++;
        throw new Error("no such object");
      });
      for (const [afterMs, times] of [
        [0, 1],
        [5_000, 1],
        [54_999, 1],
        [5_001, 2],
      ] as const) {
        vi.advanceTimersByTime(afterMs);
        expect([(await instance.read()).value.count, asked]).toEqual([7, times]);
      }
    });
    expect(log).toHaveBeenCalledTimes(2);
  });

  test("that does not answer is not waited for, and believed when it does", async () => {
    const stub = freshDirectory();
    await stub.report("/a", 7);
    await age(stub, TEN_MINUTES);
    const { promise, resolve } = Promise.withResolvers<number>();
    await runInDurableObject(stub, async (instance) => {
      vi.spyOn(env.PAGE_COUNTER, "getByName").mockReturnValue(
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a fake
        { count: () => promise } as unknown as ReturnType<typeof counterOf>,
      );
      expect((await instance.read()).value.count).toBe(7);
      resolve(2);
    });
    await eventually(async () => expect(await rowsOf(stub)).toEqual([{ page: "/a", count: 2 }]));
  });

  test("waits its turn when more than fifty are, those heard of longest ago first", () => {
    const nowMs = TEN_MINUTES * 10;
    const pages = Array.from({ length: 60 }, (_, index) => {
      const heardMs = nowMs - TEN_MINUTES - (index % 2 === 0 ? index : -1);
      return [`/${index}`, { count: 1, heardMs }] as const;
    });
    const unheard = unheardPages(pages, { nowMs, limit: 5 });
    expect(unheard).toEqual(["/58", "/56", "/54", "/52", "/50"]);
    expect(unheardPages(pages, { nowMs, limit: 50 })).toHaveLength(30);
  });

  test("is asked also when the clock was set back", () => {
    const pages = [["/a", { count: 1, heardMs: TEN_MINUTES * 2 }]] as const;
    expect(unheardPages(pages, { nowMs: TEN_MINUTES, limit: 5 })).toEqual(["/a"]);
    expect(unheardPages(pages, { nowMs: TEN_MINUTES + 1, limit: 5 })).toEqual([]);
  });
});

test("pages with the same count are named by name", () => {
  const pages = ["/b", "/c", "/a"].map((page) => [page, { count: 1, heardMs: 0 }] as const);
  expect(topPages(pages, 2).map(({ page }) => page)).toEqual(["/a", "/b"]);
});
