import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import {
  classesWithoutSqlite,
  deletedClasses,
  hasCompatibilityDate,
  hasOpenOrigin,
  plainSecrets,
  stackOf,
} from "./rules.ts";

const SCRIPT = "cloudflare:index/workersScript:WorkersScript";
const SUBDOMAIN = "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain";

/** What `--policy-pack-config` may say for each policy about production. */
interface ProductionConfig {
  readonly stacks: readonly string[];
}

const PRODUCTION = {
  properties: {
    stacks: {
      type: "array",
      items: { type: "string" },
      default: ["prod"],
      description: "Names of the stacks that are production.",
    },
  },
} as const;

/** Every policy of the pack. The first sentence of a message is what is wrong, the next what to do. */
export const POLICIES: readonly ResourceValidationPolicy[] = [
  {
    name: "script-protected",
    description: "In production a script is protected: deleting it destroys its Durable Objects.",
    enforcementLevel: "mandatory",
    configSchema: PRODUCTION,
    validateResource: (args, report) => {
      if (!isInProduction(args, SCRIPT) || args.opts.protect) return;
      report("The script is not protected. Set it: pulumi config set protect true.");
    },
  },
  {
    name: "no-open-origin",
    description: "In production the sites that may count visitors are listed.",
    enforcementLevel: "mandatory",
    configSchema: PRODUCTION,
    validateResource: (args, report) => {
      if (!isInProduction(args, SCRIPT) || !hasOpenOrigin(args.props)) return;
      report("allowedOrigins has '*', so every site may use the Worker. List the sites instead.");
    },
  },
  {
    name: "compatibility-date",
    description: "A script says its compatibility date.",
    enforcementLevel: "mandatory",
    validateResource: ({ type, props }, report) => {
      if (type !== SCRIPT || hasCompatibilityDate(props)) return;
      report("The script has no compatibilityDate. Set one, such as 2026-09-01.");
    },
  },
  {
    name: "no-plain-secrets",
    description: "Secrets are not in bindings that show their values.",
    enforcementLevel: "mandatory",
    validateResource: ({ type, props }, report) => {
      if (type !== SCRIPT) return;
      for (const name of plainSecrets(props)) {
        report(
          `The binding ${name} has the name of a secret and shows its value. Use secret_text, or wrangler secret put ${name}.`,
        );
      }
    },
  },
  {
    name: "sqlite-classes",
    description: "New Durable Object classes are stored in SQLite.",
    enforcementLevel: "mandatory",
    validateResource: ({ type, props }, report) => {
      if (type !== SCRIPT) return;
      for (const name of classesWithoutSqlite(props)) {
        report(
          `The migration makes ${name} by newClasses. Use newSqliteClasses: it cannot be changed later.`,
        );
      }
    },
  },
  {
    name: "no-class-deletion",
    description: "A Durable Object class is deleted on purpose only: its objects are destroyed.",
    enforcementLevel: "mandatory",
    configSchema: {
      properties: {
        allowDataLoss: {
          type: "array",
          items: { type: "string" },
          default: [],
          description: "Names of the classes that may be deleted.",
        },
      },
    },
    validateResource: (args, report) => {
      if (args.type !== SCRIPT) return;
      const { allowDataLoss } = args.getConfig<{ readonly allowDataLoss: readonly string[] }>();
      for (const name of deletedClasses(args.props)) {
        if (allowDataLoss.includes(name)) continue;
        report(
          `The migration deletes the class ${name} with all its objects. Rename it (renamedClasses), or list it in allowDataLoss of this policy's config.`,
        );
      }
    },
  },
  {
    name: "workers-dev-off",
    description: "In production the Worker answers on hosts of its own.",
    enforcementLevel: "advisory",
    configSchema: PRODUCTION,
    validateResource: (args, report) => {
      if (!isInProduction(args, SUBDOMAIN) || args.props["enabled"] !== true) return;
      report(
        "The Worker answers on workers.dev, too. Set customDomain or route, and workersDev false.",
      );
    },
  },
];

function isInProduction(args: ResourceValidationArgs, type: string): boolean {
  const { stacks } = args.getConfig<ProductionConfig>();
  return args.type === type && stacks.includes(stackOf(args.urn));
}
