/** What stands in for a value that nobody must see, as Pulumi itself writes it. */
const SECRET = "[secret]";

/** Marks an object as special in Pulumi's JSON (sdk/go/common/resource/sig), and one of its kinds: a secret. */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

const SECRET_NAME =
  /token|secret|password|passwd|passphrase|credential|authorization|(?:api|private|access|auth|account|encryption)_?key/i;

/** Bindings that hold a secret say so in their type; the value has one of these names. */
const SECRET_BINDING_VALUES: ReadonlySet<string> = new Set("text keyBase64 keyJwk".split(" "));

/** Texts that are credentials by their form. */
const CREDENTIALS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g,
  /\b(?:pul-|gh[pousr]_|github_pat_|npm_|cf[a-z]{1,3}_|sk-|xox[a-z]-)[\w-]{16,}/g,
  /\bv1\.0-[\da-f]{24}-[\da-f]{64,}/g,
  /\b(?:AKIA|ASIA)[A-Z\d]{16}\b/g,
  /\b[Bb]earer\s+[\w.~+/-]{8,}=*/g,
  // User and password of a URL.
  /(?<=:\/\/)[^/\s"'@:]*:[^/\s"'@]+(?=@)/g,
];

/** Long, and of upper case, lower case and digits mixed: the form of most tokens, and of no name or hash here. */
const OPAQUE = /(?<![\w+/=-])(?=[\w+/=-]*[A-Z])(?=[\w+/=-]*[a-z])(?=[\w+/=-]*\d)[\w+/=-]{32,}/g;

export interface MaskOptions {
  /** Values to hide wherever they turn up. Those of less than eight characters are left alone. */
  readonly secrets?: readonly string[];
}

/** Values of environment variables whose names say that they are secret. */
export function secretsOf(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    SECRET_NAME.test(name) && value !== undefined ? [value] : [],
  );
}

/** Hides what looks like a credential in a text, or is one that is known. */
export function maskText(text: string, { secrets = [] }: MaskOptions = {}): string {
  const known = secrets.filter((secret) => secret.length >= 8);
  const withoutKnown = known.reduce((rest, secret) => rest.replaceAll(secret, SECRET), text);
  const all = [...CREDENTIALS, OPAQUE];
  return all.reduce((rest, pattern) => rest.replaceAll(pattern, SECRET), withoutKnown);
}

/** Hides credentials in a JSON value, by their names and forms; JSON within strings is looked into too. */
export function maskValue(value: unknown, options: MaskOptions = {}): unknown {
  if (typeof value === "string") return maskString(value, options);
  if (Array.isArray(value)) return value.map((item) => maskValue(item, options));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const has = (key: string, wanted: string): boolean =>
    entries.some(([name, item]) => name === key && item === wanted);
  if (has(SIGNATURE_KEY, SECRET_SIGNATURE)) return SECRET;
  const isSecretBinding = String(Reflect.get(value, "type")).startsWith("secret_");
  return Object.fromEntries(
    entries.map(([name, item]) => {
      const isValue = typeof item === "string" || typeof item === "number";
      const isHidden =
        SECRET_NAME.test(name) || (isSecretBinding && SECRET_BINDING_VALUES.has(name));
      return [name, isHidden && isValue ? SECRET : maskValue(item, options)];
    }),
  );
}

function maskString(text: string, options: MaskOptions): string {
  const nested = /^\s*[[{]/.test(text) ? parse(text) : undefined;
  if (nested === undefined) return maskText(text, options);
  return JSON.stringify(maskValue(nested, options));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
