import type { Checkout } from "../checkout.ts";

/** Config of a stack, without what the local cloud adds. */
export type Settings = Readonly<Record<string, unknown>>;

/** What a person does to a stack: settings or sources that change, then one command. */
export interface Operation {
  readonly name: string;
  /** The stack's config before; null when the stack is not deployed. */
  readonly before: Settings | null;
  readonly after: Settings;
  /** Sources that change with it. */
  readonly edit?: (checkout: Checkout) => Promise<void>;
  /** @default "up" */
  readonly command?: "up" | "destroy";
}

export const WORKER = "worker/src/index.ts";
export const LEDGER = "infra/src/ledger.ts";

const BASE: Settings = { allowedOrigins: ["https://example.com"], zone: "visitors.localhost" };
const ROUTE: Settings = { route: "live.visitors.localhost/*", manageDns: true };
const OTHER_ROUTE: Settings = { route: "stats.visitors.localhost/live/*", manageDns: true };
const WORKERS_DEV: Settings = { workersDev: true };
const DOMAIN: Settings = { customDomain: "count.visitors.localhost" };
const OTHER_DOMAIN: Settings = { customDomain: "visits.visitors.localhost" };

const ON_ROUTE: Settings = { ...BASE, ...ROUTE };
const ON_DOMAIN: Settings = { ...BASE, ...DOMAIN };
const EVERYWHERE: Settings = { ...BASE, ...ROUTE, ...WORKERS_DEV, ...DOMAIN };

/** Everything that is done to a stack between its first deployment and its end. */
export const OPERATIONS: readonly Operation[] = [
  { name: "first deploy", before: null, after: EVERYWHERE },
  {
    name: "redeploy",
    before: EVERYWHERE,
    after: EVERYWHERE,
    edit: (checkout) => checkout.edit(WORKER, "there is nothing at", "here is nothing at"),
  },
  { name: "migration", before: EVERYWHERE, after: EVERYWHERE, edit: addMigration },
  {
    name: "origin change",
    before: EVERYWHERE,
    after: { ...EVERYWHERE, allowedOrigins: ["https://example.com", "https://blog.example.com"] },
  },
  {
    name: "another route",
    before: ON_ROUTE,
    after: { ...BASE, ...OTHER_ROUTE },
  },
  {
    name: "route to domain",
    before: ON_ROUTE,
    after: ON_DOMAIN,
  },
  {
    name: "domain to route",
    before: ON_DOMAIN,
    after: ON_ROUTE,
  },
  {
    name: "another domain",
    before: ON_DOMAIN,
    after: { ...BASE, ...OTHER_DOMAIN },
  },
  {
    name: "workers.dev on",
    before: ON_DOMAIN,
    after: { ...ON_DOMAIN, ...WORKERS_DEV },
  },
  {
    name: "workers.dev off",
    before: { ...ON_DOMAIN, ...WORKERS_DEV },
    after: ON_DOMAIN,
  },
  { name: "destroy", before: EVERYWHERE, after: EVERYWHERE, command: "destroy" },
];

/** Operations that start from the same stack, by the stack's config. */
export const BY_START: ReadonlyMap<Settings | null, readonly Operation[]> = Map.groupBy(
  OPERATIONS,
  ({ before }) => before,
);

async function addMigration(checkout: Checkout): Promise<void> {
  await checkout.edit(LEDGER, "\n];", '\n  { tag: "v999", newSqliteClasses: ["Archive"] },\n];');
  await checkout.edit(
    WORKER,
    /$/,
    '\nexport { SiteDirectory as Archive } from "./site-directory.ts";\n',
  );
}

/** Gives the object of page `note` a value to keep: `PUT /note` stores it, `GET /note` tells it. */
export async function addNote(checkout: Checkout): Promise<void> {
  await checkout.edit(
    WORKER,
    'export { PageCounter } from "./page-counter.ts";',
    [
      'import { PageCounter as Counter } from "./page-counter.ts";',
      "export class PageCounter extends Counter {",
      "  async fetch(request) {",
      '    if (!new URL(request.url).pathname.endsWith("/note")) return super.fetch(request);',
      '    if (request.method === "PUT") this.ctx.storage.kv.put("note", await request.text());',
      '    return new Response(this.ctx.storage.kv.get("note") ?? "");',
      "  }",
      "}",
    ].join("\n"),
  );
  await checkout.edit(
    WORKER,
    '  if (path === "/health") return health;',
    [
      '  if (path === "/note") return (request, env) => env.PAGE_COUNTER.getByName("note").fetch(request);',
      '  if (path === "/health") return health;',
    ].join("\n"),
  );
}
