import type { Problem } from "./config-problems.ts";
import type { SettingWords } from "./setting-words.ts";

/** Settings as they were given. */
export interface SettingSource {
  /** Raw values by key without namespace: text, or JSON for lists and objects. */
  readonly values: { readonly [key: string]: string };
  /** Keys whose values are encrypted. */
  readonly secretKeys: ReadonlySet<string>;
}

/** A stack's config as the engine hands it over. */
export interface ConfigSource extends SettingSource {
  readonly stack: string;
}

/** Reads values one by one and collects what is wrong, so that everything can be said at once. */
export class ConfigReader {
  readonly problems: Problem[] = [];
  readonly words: SettingWords;
  readonly #source: SettingSource;

  constructor(source: SettingSource, words: SettingWords) {
    this.words = words;
    this.#source = source;
  }

  /** What is set, known or not. */
  keys(): string[] {
    return Object.keys(this.#source.values);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#source.values, key);
  }

  /** The value as it is; undefined when unset. */
  text(key: string): string | undefined {
    return this.has(key) ? this.#source.values[key] : undefined;
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.text(key);
    if (value === undefined) return fallback;
    if (value !== "true" && value !== "false") {
      this.report(key, `${this.show(key)} is not true or false`, this.set(key, "true"));
    }
    return value === "true";
  }

  /** A list or object; what is not JSON is a string. Undefined when unset. */
  structure(key: string): unknown {
    const value = this.text(key);
    if (value === undefined) return undefined;
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  }

  /** The value in quotes, for a message; never a secret one. */
  show(key: string): string {
    return this.isSecret(key) ? "[secret]" : `'${this.text(key) ?? ""}'`;
  }

  isSecret(key: string): boolean {
    return this.#source.secretKeys.has(key);
  }

  report(key: string, message: string, fix: string): void {
    this.problems.push({ key, message, fix });
  }

  /** How to set `path` to `value`. */
  set(path: string, value: string): string {
    return this.words.set(path, value);
  }

  /** How to remove `key`. */
  remove(key: string): string {
    return this.words.remove(key);
  }
}
