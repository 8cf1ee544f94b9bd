/** Inputs of a resource, as a policy gets them: secrets in clear. */
export interface Properties {
  readonly [name: string]: unknown;
}

/** Names that a secret has; the values of such bindings belong into secrets. */
const SECRET_NAME =
  /(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSPHRASE|CREDENTIALS?|API_?KEY|PRIVATE_?KEY)(?:_|$)/i;

/** Whether a script accepts the pages of every site. */
export function hasOpenOrigin({ bindings }: Properties): boolean {
  const origins = recordsIn(bindings).find(({ name }) => name === "ALLOWED_ORIGINS")?.["json"];
  const list: unknown = typeof origins === "string" ? parseJson(origins) : origins;
  return Array.isArray(list) && list.includes("*");
}

/** Whether the date is said, and is one: without it, Cloudflare takes its oldest behaviour. */
export function hasCompatibilityDate({ compatibilityDate }: Properties): boolean {
  return typeof compatibilityDate === "string" && /^\d{4}-\d{2}-\d{2}$/.test(compatibilityDate);
}

/** Names of bindings that hold a secret where everybody who may see the script can read it. */
export function plainSecrets({ bindings }: Properties): string[] {
  return recordsIn(bindings)
    .filter(({ type }) => type === "plain_text" || type === "json")
    .map(({ name }) => String(name))
    .filter((name) => SECRET_NAME.test(name));
}

/** Classes that a migration makes with the older storage, which free accounts lack and nothing converts. */
export function classesWithoutSqlite(properties: Properties): string[] {
  return stepsOf(properties).flatMap(({ newClasses }) => textsIn(newClasses));
}

/** Classes whose objects a migration destroys. */
export function deletedClasses(properties: Properties): string[] {
  return stepsOf(properties).flatMap(({ deletedClasses: deleted }) => textsIn(deleted));
}

/** The stack that a resource is in, from its URN. */
export function stackOf(urn: string): string {
  return /^urn:pulumi:([^:]*)::/.exec(urn)?.[1] ?? "";
}

/** Migrations can be said at once, or as steps. */
function stepsOf({ migrations }: Properties): Properties[] {
  if (!isRecord(migrations)) return [];
  return [migrations, ...recordsIn(migrations["steps"])];
}

function recordsIn(value: unknown): Properties[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function isRecord(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
