import type { BenchResults } from "../results.ts";
import { QUIET, wakeUps } from "../scenarios/quiet-minute.ts";
import type { StormResult } from "../scenarios/storm.ts";
import { formatMs, formatNumber } from "./format.ts";
import { table } from "./table.ts";

export interface Check {
  readonly what: string;
  readonly hold: string;
  readonly measured: string;
  readonly isHeld: boolean;
}

/** The numbers that the design promises, as far as they were measured. */
export function checks(results: BenchResults): readonly Check[] {
  const storms = results.storm ?? [];
  const of = (contestant: string, size: number): StormResult | undefined =>
    storms.find((storm) => storm.contestant === contestant && storm.size === size);
  return [
    ...timeCheck(of("ours", 1_000), "1,000 visitors join at once", 1_000),
    ...["naive", "partyserver"].flatMap((name) => ratioChecks(of("ours", 1_000), of(name, 1_000))),
    ...timeCheck(of("ours", 5_000), "5,000 visitors join at once", 4_000),
    ...["naive", "partyserver", "ws", "socket.io"].flatMap((name) => peerCheck(of(name, 5_000))),
    ...timeCheck(of("ours", 9_500), "9,500 visitors join one object at once", 8_000),
    ...quietCheck(results),
  ];
}

function timeCheck(storm: StormResult | undefined, what: string, limitMs: number): Check[] {
  if (storm === undefined) return [];
  const { shownMs } = storm;
  return [
    {
      what,
      hold: `<= ${formatMs(limitMs)}`,
      measured: shownMs === null ? "not in 60 s" : formatMs(shownMs),
      isHeld: shownMs !== null && shownMs <= limitMs,
    },
  ];
}

function ratioChecks(ours: StormResult | undefined, peer: StormResult | undefined): Check[] {
  if (ours === undefined || peer === undefined || ours.shownMs === null) return [];
  const faster = (peer.shownMs ?? 60_000) / ours.shownMs;
  const fewer = peer.spent.counts / ours.spent.counts;
  const than = `than ${peer.contestant}, 1,000 at once`;
  return [
    { what: `faster ${than}`, hold: ">= 20x", measured: times(faster), isHeld: faster >= 20 },
    {
      what: `fewer messages ${than}`,
      hold: ">= 100x",
      measured: times(fewer),
      isHeld: fewer >= 100,
    },
  ];
}

function peerCheck(peer: StormResult | undefined): Check[] {
  if (peer === undefined) return [];
  const { contestant, shownMs, admitted } = peer;
  return [
    {
      what: `5,000 at once with ${contestant}`,
      hold: "not in 60 s",
      measured: shownMs === null ? `${formatNumber(admitted)} in` : formatMs(shownMs),
      isHeld: shownMs === null,
    },
  ];
}

function quietCheck({ quiet = [] }: BenchResults): Check[] {
  const ours = quiet.find(({ contestant }) => contestant === "ours");
  if (ours === undefined) return [];
  const rate = wakeUps(ours.spent.meter) / ((QUIET.visitors * QUIET.seconds) / 3_600);
  return [
    {
      what: "wake-ups a visitor-hour, quiet page of 1,000",
      hold: "<= 0.5",
      measured: formatNumber(rate),
      isHeld: rate <= 0.5,
    },
  ];
}

function times(ratio: number): string {
  return `${formatNumber(ratio)}x`;
}

export function checksSection(results: BenchResults): string {
  const found = checks(results);
  if (found.length === 0) return "";
  const rows = found.map(({ what, hold, measured, isHeld }) => [
    what,
    hold,
    measured,
    isHeld ? "held" : "NOT HELD",
  ]);
  return ["### What is promised", "", table(["what", "promise", "measured", ""], rows), ""].join(
    "\n",
  );
}
