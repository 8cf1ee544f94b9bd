// By file: the package's index takes a third of a second, at each preview and update.
import { WorkersScript } from "@pulumi/cloudflare/workersScript.js";
import * as pulumi from "@pulumi/pulumi";
import { embedCode } from "./address.ts";
import { apiAccess, type ApiAccess } from "./api-access.ts";
import { checkArguments, type VisitorTrackerArgs } from "./arguments.ts";
import type { BuiltWorker } from "./bundle.ts";
import { exposeScript } from "./exposure.ts";
import { identify } from "./identity.ts";
import { leaveRejection } from "./known-value.ts";
import type { LocalCloud } from "./local-cloud-config.ts";
import { preflight } from "./preflight.ts";
import { COMPONENT_TYPE } from "./previous-run.ts";
import { scriptInputs } from "./script-inputs.ts";
import type { SettingWords } from "./setting-words.ts";
import { readCredentials } from "./stack-config.ts";
import type { UploadPlan } from "./upload-plan.ts";

/** What differs between this project's own program and those of others. */
export interface Host {
  /** Puts the Worker's bundle below the program's folder. */
  readonly writeBundle: () => Promise<BuiltWorker>;
  readonly words: SettingWords;
}

interface Construction {
  readonly name: string;
  readonly args: VisitorTrackerArgs;
  readonly opts: pulumi.ComponentResourceOptions;
  readonly host: Host;
}

/** What the component tells, once its children are registered. */
interface Outputs {
  readonly url: string | undefined;
  readonly wsUrl: string | undefined;
  readonly embed: string;
  readonly scriptName: pulumi.Output<string>;
  readonly migrationTag: pulumi.Output<string>;
}

/** The Worker with its Durable Object namespaces, and what makes it reachable. */
export class Tracker extends pulumi.ComponentResource {
  /** Base URL for clients; undefined when the only address is a route over many hosts. */
  readonly url: pulumi.Output<string | undefined>;
  /** Where clients open their WebSockets; undefined as `url` is. */
  readonly wsUrl: pulumi.Output<string | undefined>;
  /** The lines of HTML that show the count on a page. */
  readonly embed: pulumi.Output<string>;
  /** Name of the Worker in the account. */
  readonly scriptName: pulumi.Output<string>;
  /** Tag of the last migration that the Worker went through. */
  readonly migrationTag: pulumi.Output<string>;

  constructor(
    name: string,
    args: VisitorTrackerArgs,
    host: Host,
    opts: pulumi.ComponentResourceOptions = {},
  ) {
    super(COMPONENT_TYPE, name, {}, opts);
    const deployment = deploy(this, { name, args, host, opts }).catch((error: unknown) => {
      throw retold(error, host.words);
    });
    const outputs = deployment.then((deployed) => deployed.outputs);
    // One by one: a value that only an update tells would make all unknown in previews.
    this.url = pulumi.output(outputs.then(({ url }) => url));
    this.wsUrl = pulumi.output(outputs.then(({ wsUrl }) => wsUrl));
    this.embed = pulumi.output(outputs.then(({ embed }) => embed));
    this.scriptName = pulumi.output(outputs.then(({ scriptName }) => scriptName));
    this.migrationTag = pulumi.output(outputs.then(({ migrationTag }) => migrationTag));
    [this.url, this.wsUrl, this.embed, this.scriptName, this.migrationTag].forEach(leaveRejection);
    // Waits for all, and is what fails the program. No output as a whole: what is not known of it in a
    // preview would make it a text, whose letters the engine takes for outputs.
    const registered = deployment.then(registeredOutputs);
    // The SDK asks the engine first, and Node warns of a rejection that is waited for only then.
    registered.catch(() => {});
    this.registerOutputs(registered);
  }
}

/** The error, in the words of who reads it. The SDK would write what waits for it before its message. */
function retold(error: unknown, words: SettingWords): unknown {
  if (!(error instanceof Error)) return error;
  const message = words.tell(error.message);
  return Object.defineProperty(error, "message", { get: () => message, set: () => {} });
}

function registeredOutputs({ script, plan }: Deployment): pulumi.Inputs {
  return {
    scriptName: script.scriptName,
    migrationTag: script.migrationTag,
    // For the next run, see previous-run.ts. A refresh changes the script's outputs, but not these.
    lastUpload: { inputs: plan.inputs, etag: script.etag, modifiedOn: script.modifiedOn },
  };
}

interface Deployment {
  readonly script: WorkersScript;
  readonly plan: UploadPlan;
  readonly outputs: Outputs;
}

/** What is deployed decides what is registered, so it is asked first, in previews too. */
async function deploy(
  component: pulumi.ComponentResource,
  { name, args, host, opts }: Construction,
): Promise<Deployment> {
  const { words } = host;
  const stack = pulumi.getStack();
  const checked = await checkArguments(args, { name, stack, protect: opts.protect, words });
  const { bundle, live } = await host.writeBundle();
  const api = await apiAccess(component, { defaults: readCredentials(), env: process.env });
  const config = { ...checked.config, ...localCloudOf(api, checked.edgeUrl) };
  const options = { ...config, bundle, deployedBy: { project: pulumi.getProject(), stack } };
  const { plan, mark, zoneId, address, imports } = await preflight(
    await identify(component, name, opts.aliases),
    config,
    options,
    api,
    words,
  );

  const { accountId } = args;
  const { exposure, protect } = config;
  const { migrations, replaces } = plan;
  const deployedBy = {
    ...options.deployedBy,
    inputs: mark,
    ...(replaces === undefined ? {} : { replaces }),
  };
  const script = new WorkersScript(
    name,
    { accountId, ...scriptInputs({ ...options, deployedBy }), migrations },
    { parent: component, protect },
  );
  const { scriptName, migrationTag } = script;
  exposeScript(name, { accountId, scriptName, exposure, zoneId, imports }, component);
  // Without an address of its own it is on each of a route's hosts.
  const embed = embedCode(address?.url ?? exposure.route?.basePath ?? "", live);
  const { url, wsUrl } = address ?? {};
  return { script, plan, outputs: { url, wsUrl, embed, scriptName, migrationTag } };
}

function localCloudOf(
  { isLocal, baseUrl }: ApiAccess,
  edgeUrl: string | undefined,
): { localCloud?: LocalCloud } {
  if (!isLocal) return {};
  return { localCloud: { baseUrl, ...(edgeUrl === undefined ? {} : { edgeUrl }) } };
}
