import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../src/exactness/command-line.ts";
import { Coverage } from "../src/exactness/coverage.ts";
import { FrameReader, TEXT, encodeHeader } from "../src/exactness/frames.ts";
import { KINDS, generate } from "../src/exactness/generate.ts";
import { type CloseCase, judgeClose, returnsAfter } from "../src/exactness/judge.ts";
import { expectedLabels } from "../src/exactness/labels.ts";
import { shrink } from "../src/exactness/shrink.ts";
import { type Step, formatSteps, parseSteps } from "../src/exactness/steps.ts";
import { SUBJECTS } from "../src/exactness/subjects.ts";
import { Truth } from "../src/exactness/truth.ts";

const { terms } = SUBJECTS.ours;

describe("the truth", () => {
  test("is how many visitors have a tab, however many tabs they have", () => {
    const truth = new Truth();
    truth.join(1, 7);
    truth.join(2, 7);
    truth.join(3, 8);
    truth.join(4, null);
    expect(truth.count).toBe(2);
    truth.leave(1, 0);
    expect(truth.count).toBe(2);
    truth.leave(2, 0);
    expect(truth.count).toBe(1);
  });

  test("is without a silent visitor at once, who may be shown until they must be missed", () => {
    const truth = new Truth();
    truth.join(1, 7);
    truth.silence(1, 1_000);
    expect([truth.count, truth.mostAt(999, 0), truth.mostAt(1_000, 0)]).toEqual([0, 1, 0]);
    expect([truth.isCountedOnlyBy(1), truth.silenceEndsMs(1)]).toEqual([true, 1_000]);
  });

  test("knows that a silent tab does not matter beside another of its visitor", () => {
    const truth = new Truth();
    truth.join(1, 7);
    truth.join(2, 7);
    truth.silence(1, 1_000);
    expect([truth.count, truth.isCountedOnlyBy(1)]).toEqual([1, false]);
  });

  test("gives the silent longer when the clock was set back", () => {
    const truth = new Truth();
    truth.join(1, 7);
    truth.silence(1, 1_000);
    truth.extendSilences(500);
    expect(truth.silenceEndsMs(1)).toBe(1_500);
  });

  test("counts the tabs that a server may hold beside one, until those that left are long gone", () => {
    const truth = new Truth();
    for (const tab of [1, 2, 3]) truth.join(tab, 7);
    truth.join(4, 8);
    truth.leave(2, 100);
    truth.silence(3, 1_000);
    expect([truth.tabsBeside(1, 100), truth.tabsBeside(1, 101)]).toEqual([2, 1]);
  });
});

describe("a close by the server", () => {
  const close: CloseCase = {
    code: 4408,
    nowMs: 10_000,
    isContractClient: false,
    provenAliveMs: 10_000 - terms.staleAfterMs,
    clockForwardMs: 0,
    owesClose: false,
    messages: 0,
    tabsBeside: 0,
    cutAtMs: 0,
    mayMove: true,
  };

  test.for<[string, Partial<CloseCase>, string | null]>([
    ["4408 after the stale time", {}, null],
    [
      "4408 a millisecond earlier",
      { provenAliveMs: close.provenAliveMs + 1 },
      "it was closed as silent 1799 ms after a sign of life",
    ],
    [
      "4408 earlier, by a clock that went ahead",
      { provenAliveMs: 9_900, clockForwardMs: 1_700 },
      null,
    ],
    ["4429 with as many tabs beside it as are allowed", { code: 4429, tabsBeside: 3 }, null],
    [
      "4429 with fewer",
      { code: 4429, tabsBeside: 2 },
      "it was closed as one too many, which it was not",
    ],
    ["4429 after a flood", { code: 4429, messages: 11 }, null],
    ["4409 where pages are spread", { code: 4409 }, null],
    [
      "4409 where they are not",
      { code: 4409, mayMove: false },
      "it was closed with 4409 for no reason",
    ],
    ["1009 after garbage", { code: 1009, owesClose: true }, null],
    ["1009 after none", { code: 1009 }, "it was closed with 1009 for no reason"],
    ["no close frame, just after a redeployment", { code: null, cutAtMs: 9_000 }, null],
    ["no close frame", { code: null }, "its connection was cut for no reason"],
  ])("with %s", ([, change, expected]) => {
    expect(judgeClose({ ...close, ...change }, terms)).toBe(expected);
  });

  test("has the client come back unless it is final", () => {
    expect([null, 1006, 1009, 4408, 4409, 4429].map(returnsAfter)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
  });
});

describe("steps", () => {
  const options = { steps: 200, kinds: KINDS, maxClockStepMs: 1_000, shards: 4 };

  test("are the same for the same seed, and others for another", () => {
    expect(generate(1, options)).toEqual(generate(1, options));
    expect(generate(1, options)).not.toEqual(generate(2, options));
  });

  test("come back from JSON as they were, whatever they are", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const steps = generate(seed, options);
      expect(parseSteps(formatSteps(steps))).toEqual(steps);
    }
  });

  test("end with a check, and are as many as asked for", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const steps = generate(seed, options);
      expect(steps.at(-1)).toEqual({ do: "check" });
      expect(steps.length).toBeLessThanOrEqual(200);
      expect(steps.length).toBeGreaterThan(180);
    }
  });

  test("use each tab once, of a visitor whom it belongs to", () => {
    const joined = new Set<number>();
    for (const step of generate(3, options)) {
      if (step.do !== "join" && step.do !== "abort") continue;
      expect(joined.has(step.tab)).toBe(false);
      joined.add(step.tab);
    }
    expect(joined.size).toBeGreaterThan(20);
  });

  test("that are none are named", () => {
    expect(() => parseSteps('[{"do":"check"},{"do":"kill","tab":1,"how":"softly"}]')).toThrow(
      'step 1 is none: {"do":"kill","tab":1,"how":"softly"}',
    );
    expect(() => parseSteps("{}")).toThrow("a replay is a JSON list of steps");
  });
});

/** Goes wrong when visitor 5 joined and was killed by a reset later on. */
function isWrong(steps: readonly Step[]): boolean {
  const joined = steps.findIndex((step) => step.do === "join" && step.visitor === 5);
  return joined >= 0 && steps.slice(joined).some((step) => step.do === "kill");
}

async function findFailing(candidates: readonly (readonly Step[])[]): Promise<number | null> {
  const index = candidates.findIndex((steps) => isWrong(steps));
  return index < 0 ? null : index;
}

describe("shrinking", () => {
  test("leaves the steps that matter, in their simplest form", async () => {
    const noise: Step[] = generate(4, {
      steps: 60,
      kinds: ["join", "leave", "sleep", "ping"],
      maxClockStepMs: 0,
    }).filter((step) => step.do !== "join" || step.visitor !== 5);
    const steps: Step[] = [
      ...noise,
      { do: "join", tab: 77, visitor: 5, client: "contract", afterMs: 250 },
      { do: "check" },
      { do: "kill", tab: 77, how: "rst" },
      { do: "check" },
    ];
    expect(await shrink(steps, { findFailing })).toEqual([
      { do: "join", tab: 77, visitor: 5, client: "ping" },
      { do: "kill", tab: 77, how: "terminate" },
    ]);
  });

  test("gives up on steps that do not go wrong again", async () => {
    expect(await shrink([{ do: "check" }], { findFailing })).toBe(null);
  });
});

describe("frames", () => {
  test("are read whole, in whatever pieces they come", () => {
    const bytes = Buffer.concat([
      Buffer.from([0x81, 2]),
      Buffer.from("hi"),
      Buffer.from([0x81, 126, 0, 200]),
      Buffer.alloc(200, "x"),
      Buffer.from([0x88, 2, 0x11, 0x3d]),
    ]);
    const reader = new FrameReader();
    const frames = [...bytes].flatMap((byte) => reader.read(Buffer.from([byte])));
    expect(frames.map(({ opcode, payload }) => [opcode, payload.byteLength])).toEqual([
      [1, 2],
      [1, 200],
      [8, 2],
    ]);
  });

  test.for([
    [5, "8185"],
    [300, "81fe012c"],
    [70_000, "81ff0000000000011170"],
  ] as const)("of %s bytes are announced with their length and a mask", ([length, expected]) => {
    expect(encodeHeader(TEXT, length).toString("hex")).toBe(`${expected}00000000`);
  });
});

test("a kind of thing that never happened is missing from the coverage", () => {
  const coverage = new Coverage();
  coverage.add("kill rst");
  coverage.add("kill fin", 3);
  expect(coverage.missing(expectedLabels(["kill"], terms))).toEqual(["kill terminate"]);
  expect(coverage.entries()).toEqual([
    ["kill fin", 3],
    ["kill rst", 1],
  ]);
});

describe("the command line", () => {
  test("plays 50 seeds of everything unless told otherwise", () => {
    expect(parseCommandLine([])).toMatchObject({
      subject: "ours",
      seed: 1,
      seeds: 50,
      kinds: KINDS,
    });
    expect(parseCommandLine(["--seed", "17", "--only", "join,kill"])).toMatchObject({
      seed: 17,
      seeds: 1,
      kinds: ["join", "kill"],
    });
  });

  test.for([
    [["--subject", "theirs"], "--subject theirs is unknown; use one of ours, naive, partyserver"],
    [["--seeds", "many"], "--seeds many is not a number; use one such as 50"],
    [["--without", "rain"], "--without rain is unknown; use some of join,"],
  ] as const)("%s is refused with what to use", ([args, message]) => {
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});
