/**
 * A count in the words that a language has for it, as text between the number and the number itself
 * in turn: `["Now ", "1,234", " people"]`. `zero` is taken for 0 in every language, the other
 * categories as CLDR gives them, and `other` where one has no words.
 * @param template the words of a plural category, with `{}` for the number; null if it has none
 * @param lang BCP 47; for one that is not valid the browser's is taken
 */
export function toWords(
  count: number,
  template: (category: string) => string | null,
  lang?: string,
): string[] {
  try {
    const number = count.toLocaleString(lang);
    const category = new Intl.PluralRules(lang).select(count);
    const words = (count ? null : template("zero")) ?? template(category) ?? template("other");
    return (words ?? "{}").split(/({})/).map((text, index) => (index % 2 ? number : text));
  } catch {
    return toWords(count, template);
  }
}
