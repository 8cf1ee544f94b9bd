import { change, type Change } from "./change.ts";
import { shownPath } from "./flatten.ts";
import { say, type Text } from "./say.ts";

/** What a setting is, in a few words; one that is not here goes by its name alone. */
const MEANINGS: { readonly [path: string]: string } = {
  demo: "the demo page at /",
  basePath: "path before /ws and the others",
  siteCount: "total and most visited pages of a site in /count",
  locationHint: "where new objects are placed",
  jurisdiction: "where objects must stay",
  "limits.staleAfterMs": "how long a silent connection counts, in ms",
  "limits.sweepEveryMs": "how often silent connections are looked for, in ms",
  "limits.tabsPerVisitor": "connections of one visitor on a page",
  "limits.splitAtSockets": "connections of one object before its page is split",
  "limits.splitAtJoinsPerSecond": "joins a second before a page is split",
  "limits.mergeAfterMs": "how long a split lasts at least, in ms",
  "limits.socketsPerObject": "connections of one object at most",
  "limits.joinsPerSecond": "joins a second of one object at most",
  "limits.upgradesPerMinute": "connections that one IP address may open in a minute",
  "limits.readsPerMinute": "counts that one IP address may ask for in a minute",
};

/** Values of two `SETTINGS` bindings by their paths, `limits.tabsPerVisitor` and so on. */
export type Settings = ReadonlyMap<string, string>;

/** Old and new value of each setting that changes, sorted. */
export function settingsChanges(before: Settings, after: Settings): Change[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return paths.flatMap((path) => {
    const [old, fresh] = [before.get(path), after.get(path)];
    if (old === fresh) return [];
    const text = [...say`${shownPath(path)}`, meaningOf(path), ": ", ...transition(old, fresh)];
    return [change("settings", "info", text), ...consequences(path, old, fresh)];
  });
}

function meaningOf(path: string): string {
  const meaning = Object.hasOwn(MEANINGS, path) ? MEANINGS[path] : undefined;
  return meaning === undefined ? "" : ` (${meaning})`;
}

export function transition(old: string | undefined, fresh: string | undefined): Text {
  if (old === undefined) return say`unset → ${fresh ?? ""}`;
  return fresh === undefined ? say`${old} → unset` : say`${old} → ${fresh}`;
}

/** What follows from a setting, as docs/cost.md and protocol/src/settings.ts have it. */
function consequences(path: string, old: string | undefined, fresh: string | undefined): Change[] {
  if (path === "siteCount") return siteCount(fresh === "true");
  if (path === "limits.staleAfterMs") return staleAfter(Number(old), Number(fresh));
  if (path === "limits.splitAtSockets" || path === "limits.splitAtJoinsPerSecond") {
    return splitAt(Number(old), Number(fresh));
  }
  // The id of an object depends on its jurisdiction; the hint only counts for pages never visited.
  if (path === "jurisdiction") {
    const text =
      "All pages start anew on objects in the new jurisdiction; those of before are not used any more";
    return [change("data", "warning", [text])];
  }
  if (path.startsWith("pageQuery")) {
    return [change("data", "info", ["Pages are told apart differently: their counts start anew"])];
  }
  return [];
}

function siteCount(isOn: boolean): Change[] {
  const rate = "1 to 2 object requests and as many rows written for each join and each leave";
  const text = isOn
    ? `The site total costs ${rate}: a free plan ends at about a third of the visits`
    : `Without the site total, ${rate} are saved`;
  return [change("bill", "info", [text])];
}

function staleAfter(old: number, fresh: number): Change[] {
  if (!(old > 0 && fresh > 0)) return [];
  const factor = (old / fresh).toFixed(1);
  const text = `A page with clients of the contract (wscat, JSON heartbeats) keeps an alarm that is due after this time: about ${factor} times as many alarms as before, an object request and a row each`;
  return [change("bill", "info", [text])];
}

function splitAt(old: number, fresh: number): Change[] {
  if (!(old > 0 && fresh > 0)) return [];
  const direction = fresh < old ? "sooner" : "later";
  const text = `Busy pages are split ${direction}; each further object of a page makes up to 8 object requests a second while visitors come and go`;
  return [change("bill", "info", [text])];
}
