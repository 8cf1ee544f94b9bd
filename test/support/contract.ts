import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { Visitor, type VisitorOptions } from "../../scripts/visitor.ts";
import {
  describeForeignOrigin,
  describeHttp,
  describeRefusals,
  type Deployment,
} from "./contract-http.ts";
import { Wscat } from "./wscat.ts";

/**
 * The contract, against whatever answers at `deployment().base`, by clients that we did not write.
 * @param foreignOrigin an origin that is not allowed there; null when all are
 */
export function describeContract(
  name: string,
  foreignOrigin: string | null,
  deployment: () => Deployment,
): void {
  describe(`the contract on ${name}`, () => {
    const open: Visitor[] = [];
    afterEach(() => {
      for (const visitor of open.splice(0)) visitor.kill();
    });

    const join = async (options: Partial<VisitorOptions> = {}): Promise<Visitor> => {
      const { base, origin } = deployment();
      const visitor = await Visitor.join(base, {
        page: "/",
        userId: randomUUID(),
        origin,
        ...options,
      });
      open.push(visitor);
      return visitor;
    };

    describeWscat(deployment);
    describeCounting(join);
    describeLiveness(join);
    describeMessages(join);
    describeHttp(deployment);
    if (foreignOrigin !== null) describeForeignOrigin(foreignOrigin, deployment);
    describeRefusals(deployment);
  });
}

type Join = (options?: Partial<VisitorOptions>) => Promise<Visitor>;

function page(): string {
  return `/contract/${randomUUID()}`;
}

function describeWscat(deployment: () => Deployment): void {
  test("wscat gets a count on joining and after the README's heartbeat stays", async () => {
    const url = `${deployment().base.replace("http", "ws")}/ws?page=/test&userId=test-user-123`;
    const open = [new Wscat(url)];
    const [first] = open;
    try {
      expect(await first?.prints(/"count"/)).toMatch(
        /{"type":"count","count":1,"timestamp":\d{13}}/,
      );
      const second = new Wscat(url.replace("test-user-123", "test-user-456"));
      open.push(second);
      await second.prints(/"count":2/);
      await first?.prints(/"count":2/);
      second.type(
        '{ "type": "heartbeat", "userId": "test-user-456", "pageUrl": "/test", "timestamp": 1234567890 }',
      );
      await first?.stop();
      await second.prints(/"count":1/);
    } finally {
      await Promise.all(open.map((wscat) => wscat.stop()));
    }
  });
}

function describeCounting(join: Join): void {
  test("two visitors see 2", async () => {
    const here = page();
    const first = await join({ page: here });
    await first.sees(1);
    const second = await join({ page: here });
    await Promise.all([first.sees(2), second.sees(2)]);
  });

  test("two tabs of one visitor count once, and closing one changes nothing", async () => {
    const here = page();
    const userId = randomUUID();
    const other = await join({ page: here });
    const [tab, second] = [await join({ page: here, userId }), await join({ page: here, userId })];
    await Promise.all([other.sees(2), tab.sees(2), second.sees(2)]);
    await tab.leave();
    const third = await join({ page: here });
    await other.sees(3);
    await third.leave();
    await other.sees(2);
    expect(other.counts).toEqual([1, 2, 3, 2]);
  });

  test("a visitor who closes the tab is gone within a second", async () => {
    const here = page();
    const [stays, leaves] = [await join({ page: here }), await join({ page: here })];
    await stays.sees(2);
    await leaves.leave();
    await stays.sees(1, 1_000);
  });

  test("a visitor whose connection breaks is gone within a second", async () => {
    const here = page();
    const [stays, dies] = [await join({ page: here }), await join({ page: here })];
    await stays.sees(2);
    dies.kill();
    await stays.sees(1, 1_000);
  });

  test("one page's visitors are not another's", async () => {
    const [one, other] = [await join({ page: page() }), await join({ page: page() })];
    await Promise.all([one.sees(1), other.sees(1)]);
  });

  test("spellings of one page are one page", async () => {
    const here = page();
    const [plain, fancy] = [
      await join({ page: here }),
      await join({ page: `${here}/?utm_source=x#top` }),
    ];
    await Promise.all([plain.sees(2), fancy.sees(2)]);
  });

  test("an observer is told and not counted", async () => {
    const here = page();
    const visitor = await join({ page: here });
    const observer = await join({ page: here, query: { observe: "1" } });
    const objector = await join({ page: here, headers: { "Sec-GPC": "1" } });
    await Promise.all([observer.sees(1), objector.sees(1), visitor.sees(1)]);
  });
}

function describeLiveness(join: Join): void {
  test("silence is closed with 4408 between 45 and 60 s, the heartbeat is not, and the rest is told", async () => {
    const here = page();
    const beats = await join({ page: here });
    const silent = await join({ page: here });
    const joined = Date.now();
    await Promise.all([beats.sees(2), silent.sees(2)]);
    const timer = setInterval(() => beats.heartbeat(), 20_000);
    try {
      const { code } = await silent.closed;
      const after = Date.now() - joined;
      expect(code).toBe(4408);
      expect(after).toBeGreaterThanOrEqual(45_000);
      expect(after).toBeLessThan(60_000);
      await beats.sees(1);
      expect(beats.counts).toEqual([1, 2, 1]);
    } finally {
      clearInterval(timer);
    }
  });
}

function describeMessages(join: Join): void {
  test.each([
    ["text beyond 8 KB", "x".repeat(8_193)],
    ["1 MB of text", "x".repeat(1_048_576)],
    ["a binary message", Buffer.from([1, 2, 3])],
  ])("%s is closed with 1009, and nobody else is disturbed", async (_name, data) => {
    const here = page();
    const [stays, sends] = [await join({ page: here }), await join({ page: here })];
    await stays.sees(2);
    sends.send(data);
    expect((await sends.closed).code).toBe(1009);
    await stays.sees(1);
  });

  test("a flood of messages is closed with 4429, and nobody else is disturbed", async () => {
    const here = page();
    const [stays, floods] = [await join({ page: here }), await join({ page: here })];
    await stays.sees(2);
    for (let sent = 0; sent < 50; sent += 1) floods.heartbeat();
    expect((await floods.closed).code).toBe(4429);
    await stays.sees(1);
  });

  test.each(["", "nonsense", "{", "null", '{"type":"count","count":99,"timestamp":1}'])(
    "the message %j is ignored",
    async (data) => {
      const here = page();
      const [stays, sends] = [await join({ page: here }), await join({ page: here })];
      await stays.sees(2);
      sends.send(data);
      await sends.leave();
      await stays.sees(1);
      expect(stays.counts).toEqual([1, 2, 1]);
    },
  );

  test("a heartbeat cannot speak for another visitor", async () => {
    const here = page();
    const [stays, lies] = [await join({ page: here }), await join({ page: here })];
    await stays.sees(2);
    lies.send(
      JSON.stringify({ type: "heartbeat", userId: randomUUID(), pageUrl: here, timestamp: 1 }),
    );
    const third = await join({ page: here });
    await third.sees(3);
  });
}
