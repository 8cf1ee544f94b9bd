/**
 * The words that a language has for a count, with `{}` for the number, and that number as it writes
 * it: `["{} people", "1,234"]`. `zero` is taken for 0 in every language, the other categories as CLDR
 * gives them, and `other` where one has no words.
 * @param template the words of a plural category; null if it has none
 * @param lang BCP 47; for one that is not valid the browser's is taken
 */
export function toWords(
  count: number,
  template: (category: string) => string | null,
  lang?: string,
): readonly [words: string, number: string] {
  try {
    const category = new Intl.PluralRules(lang).select(count);
    const words = (count ? null : template("zero")) ?? template(category) ?? template("other");
    return [words ?? "{}", count.toLocaleString(lang)];
  } catch {
    return toWords(count, template);
  }
}
