/** Widths of the characters from space to `~` in Verdana, in thousandths of the font size. */
const WIDTHS = [
  352, 394, 459, 818, 636, 1076, 727, 269, 454, 454, 636, 818, 364, 454, 364, 454, 636, 636, 636,
  636, 636, 636, 636, 636, 636, 636, 454, 454, 818, 818, 818, 545, 1000, 684, 686, 698, 771, 632,
  575, 775, 751, 421, 455, 693, 557, 843, 748, 787, 603, 787, 695, 684, 616, 732, 684, 989, 685,
  615, 685, 454, 454, 454, 818, 636, 636, 601, 623, 521, 623, 596, 352, 623, 633, 274, 344, 592,
  274, 973, 633, 607, 623, 623, 427, 521, 394, 633, 592, 818, 592, 592, 525, 635, 454, 635, 818,
];
const FIRST = 0x20;
const OTHER_WIDTH = 640;
const WIDE_WIDTH = 1_000;
/** Scripts whose characters are squares, and pictures. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/u;
/** What is drawn over the character before it, or not at all. */
const WIDTHLESS = /[\p{Mark}\p{Cf}\p{Emoji_Modifier}]/u;
/** Verdana is that much wider when it is bold, over all letters. */
const BOLD = 1.13;

export interface FontOptions {
  /** In pixels. */
  readonly size: number;
  /** @default false */
  readonly bold?: boolean;
  /** Between two characters, in pixels. @default 0 */
  readonly spacing?: number;
}

/** Width in pixels, exact for ASCII; an estimate for the rest, to which the text is fitted. */
export function textWidth(text: string, { size, bold = false, spacing = 0 }: FontOptions): number {
  let thousandths = 0;
  let characters = 0;
  for (const character of text) {
    if (WIDTHLESS.test(character)) continue;
    thousandths += widthOf(character);
    characters++;
  }
  const width = (thousandths / 1_000) * size * (bold ? BOLD : 1);
  return width + spacing * Math.max(0, characters - 1);
}

function widthOf(character: string): number {
  const ascii = WIDTHS[(character.codePointAt(0) ?? 0) - FIRST];
  return ascii ?? (WIDE.test(character) ? WIDE_WIDTH : OTHER_WIDTH);
}
