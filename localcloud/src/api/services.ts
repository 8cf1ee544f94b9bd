import { ERRORS, fail } from "../errors.ts";
import { type ApiRequest, type Handler, ok } from "../http/reply.ts";
import { type Script, type Version, scriptNamed, servingVersion } from "../model/state.ts";
import type { RunnableBinding } from "../runtime/types.ts";
import { routeView } from "./routes.ts";
import { type ScriptView, bindingsView, scriptView } from "./script-view.ts";
import { deleteScript, getContent } from "./scripts.ts";
import { getSubdomain } from "./subdomain.ts";

/** The one environment that a service has: wrangler's `--env` makes Workers of their own. */
const ENVIRONMENT = "production";

interface EnvironmentView {
  environment: string;
  created_on: string;
  modified_on: string;
  script: ScriptView;
}

/** What the provider's refresh starts with; not documented. Only a 404 means "gone" to it. */
export const getService: Handler = (request) => {
  const { script, version } = requestedService(request);
  const environment = environmentView(script, version);
  return ok({
    id: script.name,
    created_on: script.createdOn,
    modified_on: script.modifiedOn,
    usage_model: "standard",
    environments: [environment],
    default_environment: environment,
  });
};

/** What `wrangler delete` sends; not documented. */
export const deleteService: Handler<null> = async (request) => {
  const { cloud, params } = request;
  if (scriptNamed(cloud.store.state, params["script"]) === undefined)
    fail(ERRORS.SERVICE_NOT_FOUND);
  return deleteScript(request);
};

/** This one and those below are what `wrangler init --from-dash` reads; not documented. */
export const getEnvironment: Handler<EnvironmentView> = (request) => {
  const { script, version } = requestedEnvironment(request);
  return ok(environmentView(script, version));
};

export const getEnvironmentContent: Handler<never> = (request) => {
  requestedEnvironment(request);
  return getContent(request);
};

export const getEnvironmentBindings: Handler<RunnableBinding[]> = (request) =>
  ok(bindingsView(requestedEnvironment(request).version));

export const getEnvironmentRoutes: Handler = (request) => {
  const { script } = requestedEnvironment(request);
  const { routes, zones } = request.cloud.store.state;
  const own = routes.filter((route) => route.script === script.name);
  return ok(
    own.map((route) => ({
      ...routeView(route),
      zone_name: zones.find(({ id }) => id === route.zoneId)?.name,
    })),
  );
};

export const getEnvironmentSubdomain: typeof getSubdomain = (request) => {
  requestedEnvironment(request);
  return getSubdomain(request);
};

interface Service {
  script: Script;
  version: Version;
}

function requestedService({ cloud, params }: ApiRequest): Service {
  const script = scriptNamed(cloud.store.state, params["script"]) ?? fail(ERRORS.SERVICE_NOT_FOUND);
  return { script, version: servingVersion(script) ?? fail(ERRORS.SERVICE_NOT_FOUND) };
}

function requestedEnvironment(request: ApiRequest): Service {
  const service = requestedService(request);
  if (request.params["environment"] !== ENVIRONMENT) fail(ERRORS.ENVIRONMENT_NOT_FOUND);
  return service;
}

function environmentView(script: Script, version: Version): EnvironmentView {
  return {
    environment: ENVIRONMENT,
    created_on: script.createdOn,
    modified_on: script.modifiedOn,
    script: scriptView(script, version),
  };
}
