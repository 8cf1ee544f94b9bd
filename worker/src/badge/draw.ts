import { textColorOn } from "./color.ts";
import type { BadgeOptions } from "./options.ts";
import { textWidth } from "./text-width.ts";

/** Shows one of two drawings. Constant, so that a policy can name it by its hash. */
export const AUTO_THEME_CSS =
  ".dark{display:none}@media (prefers-color-scheme:dark){.light{display:none}.dark{display:inline}}";

interface Palette {
  readonly label: string;
  readonly value: string;
}

/** White or near-black text on them has a contrast of 4.5 at least. */
const PALETTES: { readonly [theme in "classic" | "light" | "dark"]: Palette } = {
  classic: { label: "#555555", value: "#1a7f37" },
  light: { label: "#e6e9ed", value: "#1a7f37" },
  dark: { label: "#373e47", value: "#238636" },
};

interface Shape {
  readonly height: number;
  readonly radius: number;
  readonly fontSize: number;
  readonly baseline: number;
  readonly padding: number;
  readonly spacing: number;
  readonly isLoud: boolean;
}

const FLAT: Shape = {
  height: 20,
  radius: 3,
  fontSize: 11,
  baseline: 14,
  padding: 6,
  spacing: 0,
  isLoud: false,
};

const SHAPES: { readonly [style in BadgeOptions["style"]]: Shape } = {
  flat: FLAT,
  "flat-square": { ...FLAT, radius: 0 },
  plastic: { ...FLAT, height: 18, radius: 4, baseline: 13 },
  "for-the-badge": {
    height: 28,
    radius: 0,
    fontSize: 10,
    baseline: 18,
    padding: 11,
    spacing: 1.25,
    isLoud: true,
  },
};

/** Light from above, over everything. */
const GLOSS =
  '<linearGradient id="gloss" x2="0" y2="100%">' +
  '<stop offset="0" stop-color="#fff" stop-opacity=".35"/>' +
  '<stop offset=".1" stop-color="#aaa" stop-opacity=".1"/>' +
  '<stop offset=".9" stop-opacity=".2"/><stop offset="1" stop-opacity=".35"/></linearGradient>';

/** A badge as an SVG document. Draws at whole pixels, so that it is crisp at its own size. */
export function drawBadge(count: number, options: BadgeOptions): string {
  const { label, style, theme, minimum } = options;
  const isHidden = count < minimum;
  const number = (isHidden ? minimum : count).toLocaleString("en-US");
  const spoken = isHidden ? `fewer than ${number}` : number;
  const title = escapeXml(label === "" ? spoken : `${label}: ${spoken}`);
  const parts = measure(label, isHidden ? `<${number}` : number, SHAPES[style]);
  const { height, radius } = SHAPES[style];
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  const clip = `<clipPath id="edge"><rect width="${width}" height="${height}" rx="${radius}"/></clipPath>`;
  const drawing = (name: "classic" | "light" | "dark"): string => drawParts(parts, name, options);
  const drawn =
    theme === "auto"
      ? `<style>${AUTO_THEME_CSS}</style><g class="light">${drawing("light")}</g><g class="dark">${drawing("dark")}</g>`
      : drawing(theme);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}"><title>${title}</title>` +
    `${clip}${style === "plastic" ? GLOSS : ""}${drawn}</svg>`
  );
}

interface Part {
  readonly role: "label" | "value";
  readonly text: string;
  readonly x: number;
  readonly width: number;
  readonly textWidth: number;
}

function measure(label: string, value: string, shape: Shape): Part[] {
  const parts: Part[] = [];
  let x = 0;
  for (const [role, given] of [
    ["label", label],
    ["value", value],
  ] as const) {
    if (given === "") continue;
    const text = shape.isLoud ? given.toUpperCase() : given;
    const { fontSize: size, spacing, padding } = shape;
    const bold = isBold(role, shape);
    const inner = Math.round(textWidth(text, { size, spacing, bold }));
    parts.push({ role, text, x, width: inner + 2 * padding, textWidth: inner });
    x += inner + 2 * padding;
  }
  return parts;
}

function isBold(role: Part["role"], { isLoud }: Shape): boolean {
  return isLoud && role === "value";
}

function drawParts(
  parts: readonly Part[],
  theme: "classic" | "light" | "dark",
  { style, color, labelColor }: BadgeOptions,
): string {
  const shape = SHAPES[style];
  const fills = {
    label: labelColor ?? PALETTES[theme].label,
    value: color ?? PALETTES[theme].value,
  };
  const right = parts.at(-1);
  const width = right === undefined ? 0 : right.x + right.width;
  const boxes = parts.map(
    (part) =>
      `<rect x="${part.x}" width="${part.width}" height="${shape.height}" fill="${fills[part.role]}"/>`,
  );
  if (style === "plastic") {
    boxes.push(`<rect width="${width}" height="${shape.height}" fill="url(#gloss)"/>`);
  }
  const texts = parts.map((part) => drawText(part, textColorOn(fills[part.role]), shape));
  return (
    `<g clip-path="url(#edge)">${boxes.join("")}</g>` +
    `<g font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="${shape.fontSize}" ` +
    `text-rendering="geometricPrecision">${texts.join("")}</g>`
  );
}

/** Fitted to the measured width, whichever font the reader has. */
function drawText({ role, text, x, textWidth: length }: Part, fill: string, shape: Shape): string {
  const weight = isBold(role, shape) ? ' font-weight="bold"' : "";
  const spacing = shape.spacing > 0 ? ` letter-spacing="${shape.spacing}"` : "";
  return (
    `<text x="${x + shape.padding}" y="${shape.baseline}" fill="${fill}" textLength="${length}" ` +
    `lengthAdjust="spacingAndGlyphs"${spacing}${weight}>${escapeXml(text)}</text>`
  );
}

const ESCAPES: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}
