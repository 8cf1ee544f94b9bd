import type { Answer, Api } from "../cloudflare-api.ts";
import type { StackConfig } from "../config.ts";
import type { Route } from "../exposure-config.ts";
import type { Migration } from "../ledger.ts";
import type { Owned } from "../owned.ts";
import {
  DNS_READ,
  WORKERS_ROUTES,
  WORKERS_SCRIPTS,
  ZONE,
  type Permission,
} from "../permissions.ts";
import { parseMark, type StackMark } from "../stack-mark.ts";
import { hasNoSubdomain } from "../subdomain-answer.ts";
import { judgeCustomDomain, serviceOf } from "./custom-domain.ts";
import { adoptableRecord, judgeRouteDns, parseRecords, type AddressRecord } from "./dns.ts";
import {
  askForDomains,
  askForNamespaces,
  askForRecords,
  askForRoutes,
  askForSettings,
  askForZone,
  classesOf,
  hasNoSuchZone,
  why,
} from "./reads.ts";
import { adoptableRoute, judgeRoute, parseRoutes } from "./route.ts";
import { judgeScript } from "./script.ts";
import { impossible, type Verdict } from "./verdict.ts";
import { judgeZone, noSuchZone, parseZones, pickZone } from "./zone.ts";

export interface ConflictOptions {
  /** Undefined when there is no token to ask with. */
  readonly api: Api | undefined;
  readonly config: StackConfig;
  readonly stack: StackMark;
  readonly ledger: readonly Migration[];
  /** Migration tag of the script in the account, empty for none; undefined when there is no script. */
  readonly deployedTag: string | undefined;
  /** Name of the script that the stack's state has; undefined when it has none. */
  readonly ownScript: string | undefined;
  readonly owned: Owned;
}

export interface Conflicts {
  readonly verdicts: readonly Verdict[];
  /** What could not be read, with the reason. */
  readonly unread: readonly string[];
  /** What the script's migrations follow from. */
  readonly ledger: readonly Migration[];
  readonly imports: Imports;
}

/** IDs by which the provider imports what is there already, as it is to be. */
export interface Imports {
  readonly route?: string;
  readonly record?: string;
}

const NO_TOKEN =
  "routes, hosts and scripts of others (no API token is set, and these are asked for with a token alone)";

/** Compares what an update would make with what is there. Only reads. */
export async function findConflicts(options: ConflictOptions): Promise<Conflicts> {
  const check = new ConflictCheck(options);
  const [script, imports] = await Promise.all([
    check.script(),
    check.addresses(),
    check.subdomain(),
  ]);
  const { verdicts } = check;
  const unread = options.api === undefined ? [NO_TOKEN] : check.unread;
  return { verdicts, unread, ledger: script, imports };
}

class ConflictCheck {
  readonly verdicts: Verdict[] = [];
  readonly unread: string[] = [];
  readonly #options: ConflictOptions;

  constructor(options: ConflictOptions) {
    this.#options = options;
  }

  async script(): Promise<readonly Migration[]> {
    const { config, ledger, stack, deployedTag, ownScript } = this.#options;
    const { accountId, scriptName, adopt } = config;
    if (deployedTag === undefined) return ledger;
    const isOwned = ownScript === scriptName;
    const isKnown = ledger.some(({ tag }) => tag === deployedTag);
    const [settings, namespaces] =
      isOwned && (isKnown || deployedTag === "")
        ? [undefined, undefined]
        : await Promise.all([
            this.#read(`the settings of '${scriptName}'`, WORKERS_SCRIPTS, (api) =>
              askForSettings(api, accountId, scriptName),
            ),
            this.#read("the account's Durable Object classes", WORKERS_SCRIPTS, (api) =>
              askForNamespaces(api, accountId),
            ),
          ]);
    const classes = namespaces === undefined ? undefined : classesOf(namespaces, scriptName);
    const existing = { tag: deployedTag, classes, mark: parseMark(settings) };
    const wish = { scriptName, stack, ledger, isOwned, adopt };
    const judged = judgeScript(existing, wish);
    this.verdicts.push(judged.verdict);
    return judged.ledger;
  }

  async addresses(): Promise<Imports> {
    const { customDomain, route } = this.#options.config.exposure;
    const zoneId = await this.#zone();
    const none: Imports = {};
    const [imports] = await Promise.all([
      route === undefined || zoneId === undefined ? none : this.#route(route, zoneId),
      customDomain === undefined ? undefined : this.#customDomain(customDomain, zoneId),
    ]);
    return imports;
  }

  /** Not asked when the stack's address needs it anyway. */
  async subdomain(): Promise<void> {
    const { accountId, exposure } = this.#options.config;
    const { workersDev, customDomain, route } = exposure;
    const isSecond = customDomain !== undefined || route !== undefined;
    if (!workersDev || !isSecond) return;
    const { api } = this.#options;
    if (api === undefined) return;
    const answer = await api.get(`/accounts/${accountId}/workers/subdomain`);
    if (hasNoSubdomain(answer)) {
      this.verdicts.push(
        impossible(
          "the account has no subdomain of workers.dev yet, and workersDev needs it",
          "choose one in the dashboard (Workers & Pages, once for the account), or set workersDev to false",
        ),
      );
    } else if (answer.kind !== "given") {
      this.unread.push(why("the account's subdomain", WORKERS_SCRIPTS, answer));
    }
  }

  /** ID of the zone that route and custom domain are in; undefined when it is not known or not of use. */
  async #zone(): Promise<string | undefined> {
    const { api, config, owned } = this.#options;
    const { customDomain, route, zone: wanted } = config.exposure;
    const host = customDomain ?? route?.host;
    if (host === undefined || api === undefined) return undefined;
    const answer = await askForZone(api, wanted, host);
    if (hasNoSuchZone(answer, wanted)) {
      this.verdicts.push(noSuchZone(wanted ?? ""));
      return undefined;
    }
    if (answer.kind !== "given") {
      this.unread.push(why(`the zone of ${host}`, ZONE, answer));
      return undefined;
    }
    const zone = pickZone(parseZones(answer.result), config.accountId);
    const isInUse = owned.customDomains.length + owned.routes.length > 0;
    const verdict =
      zone === undefined
        ? noSuchZone(wanted ?? `of ${host}`)
        : judgeZone(zone, { accountId: config.accountId, host, isInUse });
    this.verdicts.push(verdict);
    return verdict.level === "problem" ? undefined : zone?.id;
  }

  async #route(route: Route, zoneId: string): Promise<Imports> {
    const { config, owned, ownScript: formerName } = this.#options;
    const { scriptName } = config;
    const [routes, records] = await Promise.all([
      this.#read("the zone's routes", WORKERS_ROUTES, (api) => askForRoutes(api, zoneId)),
      this.#records(zoneId, route.host),
    ]);
    const found = parseRoutes(routes);
    const isOwned = owned.routes.includes(route.pattern);
    if (routes !== undefined) {
      this.verdicts.push(judgeRoute(route, found, { scriptName, formerName, isOwned }));
    }
    if (records !== undefined) {
      this.verdicts.push(judgeRouteDns(route, records, owned.records.includes(route.host)));
    }
    const same = isOwned ? undefined : adoptableRoute(route, found, scriptName, owned.routes);
    const isMade = route.manageDns && !owned.records.includes(route.host);
    const record = isMade ? await this.#adoptableRecord(zoneId, records ?? []) : undefined;
    return {
      ...(same === undefined ? {} : { route: `${zoneId}/${same.id}` }),
      ...(record === undefined ? {} : { record: `${zoneId}/${record.id}` }),
    };
  }

  /** Not the state's own, as for routes: that one is gone from its host. */
  async #adoptableRecord(
    zoneId: string,
    records: readonly AddressRecord[],
  ): Promise<AddressRecord | undefined> {
    const record = adoptableRecord(records);
    if (record === undefined) return undefined;
    const { records: hosts } = this.#options.owned;
    const owned = await Promise.all(hosts.map((host) => this.#records(zoneId, host)));
    return owned.every((found) => adoptableRecord(found ?? []) !== undefined) ? record : undefined;
  }

  async #customDomain(hostname: string, zoneId: string | undefined): Promise<void> {
    const { config, owned, ownScript: formerName } = this.#options;
    const { accountId, scriptName } = config;
    const [domains, records] = await Promise.all([
      this.#read("the account's custom domains", WORKERS_SCRIPTS, (api) =>
        askForDomains(api, accountId, hostname),
      ),
      zoneId === undefined ? undefined : this.#records(zoneId, hostname),
    ]);
    if (domains === undefined) return;
    const isOwned = owned.customDomains.includes(hostname);
    const service = serviceOf(domains, hostname);
    this.verdicts.push(
      judgeCustomDomain(hostname, service, records ?? [], { scriptName, formerName, isOwned }),
    );
  }

  async #records(zoneId: string, host: string): Promise<readonly AddressRecord[] | undefined> {
    const result = await this.#read(`the DNS records of ${host}`, DNS_READ, (api) =>
      askForRecords(api, zoneId, host),
    );
    return result === undefined ? undefined : parseRecords(result, host);
  }

  /** The result; undefined when it could not be had, which is noted. */
  async #read(
    what: string,
    permission: Permission,
    ask: (api: Api) => Promise<Answer>,
  ): Promise<unknown> {
    const { api } = this.#options;
    if (api === undefined) return undefined;
    const answer = await ask(api);
    if (answer.kind === "given") return answer.result ?? null;
    this.unread.push(why(what, permission, answer));
    return undefined;
  }
}
