import { STORM_TIMEOUT_MS, type StormResult } from "../scenarios/storm.ts";
import { formatMs, formatNumber } from "./format.ts";

interface Bar {
  readonly label: string;
  readonly value: number;
  readonly text: string;
  /** It would be longer: the server did not finish. */
  readonly isCut: boolean;
  readonly isOurs: boolean;
}

interface Panel {
  readonly title: string;
  readonly groups: readonly { readonly name: string; readonly bars: readonly Bar[] }[];
}

const WIDTH = 900;
const LABEL_WIDTH = 130;
const LEFT_WIDTH = 450;
const RIGHT_START = 490;
const BAR_HEIGHT = 16;
const BAR_STEP = 20;
const GROUP_GAP = 30;
const TOP = 62;
/** Room for the figure behind the longest bar. */
const TEXT_WIDTH = 110;

/** In colours that are told apart on light and on dark, and by people who see few colours. */
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 14px; font-weight: 600; }
  .group, .value { fill: #59636e; }
  .group { font-weight: 600; }
  .bar { fill: #8c959f; }
  .ours { fill: #0969da; }
  .cut { fill: url(#cut); }
  .stripe { stroke: #8c959f; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .group, .value { fill: #9198a1; }
    .bar { fill: #656c76; }
    .ours { fill: #4493f8; }
    .stripe { stroke: #656c76; }
  }`;

/** An SVG of the join storm: time and messages, on logarithmic scales. */
export function stormPlot(results: readonly StormResult[]): string {
  const time = panel("Time until everyone sees everyone", results, ({ shownMs }) => ({
    value: shownMs ?? STORM_TIMEOUT_MS,
    text: shownMs === null ? `not in ${formatMs(STORM_TIMEOUT_MS)}` : formatMs(shownMs),
  }));
  const messages = panel("Messages sent until then", results, ({ spent, shownMs }) => ({
    value: spent.counts,
    text: `${shownMs === null ? "> " : ""}${formatNumber(spent.counts)}`,
  }));
  const height = TOP + heightOf(time) + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    "<title>Join storm: time and messages until every visitor sees the number of all</title>",
    `<style>${STYLE}\n</style>`,
    '<defs><pattern id="cut" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
      '<line class="stripe" x1="0" y1="0" x2="0" y2="6" stroke-width="6"/></pattern></defs>',
    drawPanel(time, { left: 0, width: LEFT_WIDTH, hasLabels: true }),
    drawPanel(messages, { left: RIGHT_START, width: WIDTH - RIGHT_START, hasLabels: false }),
    "</svg>",
    "",
  ].join("\n");
}

function panel(
  title: string,
  results: readonly StormResult[],
  measure: (result: StormResult) => { readonly value: number; readonly text: string },
): Panel {
  const sizes = [...new Set(results.map(({ size }) => size))];
  const groups = sizes.map((size) => ({
    name: `${formatNumber(size)} join at once`,
    bars: results
      .filter((result) => result.size === size)
      .map((result) => ({
        ...measure(result),
        label: result.contestant,
        isCut: result.shownMs === null,
        isOurs: result.contestant.startsWith("ours"),
      })),
  }));
  return { title, groups };
}

function heightOf({ groups }: Panel): number {
  return groups.reduce((sum, { bars }) => sum + bars.length * BAR_STEP + GROUP_GAP, 0);
}

interface Place {
  readonly left: number;
  readonly width: number;
  readonly hasLabels: boolean;
}

function drawPanel(
  { title, groups }: Panel,
  { left, width: panelWidth, hasLabels }: Place,
): string {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value));
  const scale = logScale(Math.min(...values), Math.max(...values));
  const barLeft = hasLabels ? left + LABEL_WIDTH : left;
  const full = panelWidth - TEXT_WIDTH - (hasLabels ? LABEL_WIDTH : 0);
  const parts = [
    `<text class="title" x="${barLeft}" y="20">${title}</text>`,
    `<text class="group" x="${barLeft}" y="38">logarithmic; shorter is better</text>`,
  ];
  let y = TOP;
  for (const { name, bars } of groups) {
    if (hasLabels) parts.push(`<text class="group" x="${left}" y="${y}">${name}</text>`);
    y += 8;
    for (const bar of bars) {
      const width = Math.max(2, Math.round(full * scale(bar.value)));
      parts.push(drawBar(bar, { x: barLeft, y, width }));
      if (hasLabels) parts.push(`<text x="${left + 10}" y="${y + 12}">${bar.label}</text>`);
      y += BAR_STEP;
    }
    y += GROUP_GAP - 8;
  }
  return parts.join("\n");
}

function drawBar(
  { text, isCut, isOurs }: Bar,
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
): string {
  const look = isCut ? "cut" : isOurs ? "ours" : "bar";
  return (
    `<rect class="${look}" x="${x}" y="${y}" width="${width}" height="${BAR_HEIGHT}" rx="2"/>` +
    `<text class="value" x="${x + width + 6}" y="${y + 12}">${text.replaceAll(">", "&gt;")}</text>`
  );
}

/** 0 for half of the smallest value, 1 for the largest. */
function logScale(smallest: number, largest: number): (value: number) => number {
  const from = Math.log(Math.max(1e-9, smallest / 2));
  const range = Math.max(1e-9, Math.log(largest) - from);
  return (value) => (Math.log(value) - from) / range;
}
