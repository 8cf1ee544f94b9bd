/** Red, green and blue, 0 to 255. */
type Rgb = readonly [red: number, green: number, blue: number];

/** Names that shields.io knows, with its values, then the basic ones of CSS. */
const NAMED: { readonly [name: string]: string } = {
  brightgreen: "#44cc11",
  green: "#97ca00",
  yellowgreen: "#a4a61d",
  yellow: "#dfb317",
  orange: "#fe7d37",
  red: "#e05d44",
  blue: "#007ec6",
  lightgrey: "#9f9f9f",
  lightgray: "#9f9f9f",
  grey: "#555555",
  gray: "#555555",
  success: "#44cc11",
  important: "#fe7d37",
  critical: "#e05d44",
  informational: "#007ec6",
  inactive: "#9f9f9f",
  black: "#000000",
  white: "#ffffff",
  silver: "#c0c0c0",
  maroon: "#800000",
  purple: "#800080",
  fuchsia: "#ff00ff",
  lime: "#00ff00",
  olive: "#808000",
  navy: "#000080",
  teal: "#008080",
  aqua: "#00ffff",
};

export const COLOR_NAMES: readonly string[] = Object.keys(NAMED);

const DARK_TEXT = "#1f2328";
const LIGHT_TEXT = "#ffffff";

/** A name or 3 or 6 hexadecimal digits, with or without `#`, as `#rrggbb`; null for anything else. */
export function parseColor(text: string): string | null {
  const lower = text.toLowerCase();
  if (Object.hasOwn(NAMED, lower)) return NAMED[lower] ?? null;
  const digits = lower.replace(/^#/, "");
  if (/^[\da-f]{6}$/.test(digits)) return `#${digits}`;
  return /^[\da-f]{3}$/.test(digits) ? `#${digits.replace(/./g, "$&$&")}` : null;
}

/** Black or white, whichever is read more easily on `background`, given as `#rrggbb`. */
export function textColorOn(background: string): string {
  const isLightBetter = contrast(background, LIGHT_TEXT) >= contrast(background, DARK_TEXT);
  return isLightBetter ? LIGHT_TEXT : DARK_TEXT;
}

/** From 1 to 21: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio. Both colors as `#rrggbb`. */
export function contrast(a: string, b: string): number {
  const [lighter = 0, darker = 0] = [luminance(rgbOf(a)), luminance(rgbOf(b))].toSorted(
    (x, y) => y - x,
  );
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((value) => {
    const channel = value / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}

function rgbOf(color: string): Rgb {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
