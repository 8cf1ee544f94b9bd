import type { Endpoint } from "../http/reply.ts";
import {
  checkSubdomain,
  deleteAccountSubdomain,
  getAccountSubdomain,
  putAccountSubdomain,
} from "./account-subdomain.ts";
import {
  deleteBetaVersion,
  getBetaVersion,
  listBetaVersions,
  patchLatestVersion,
  postBetaVersion,
} from "./beta-versions.ts";
import {
  deleteWorker,
  getWorker,
  listWorkers,
  patchWorker,
  postWorker,
  putWorker,
} from "./beta-workers.ts";
import { deleteDeployment, getDeployment, listDeployments, postDeployment } from "./deployments.ts";
import { deleteRecord, getRecord, listRecords, patchRecord, postRecord, putRecord } from "./dns.ts";
import { deleteDomain, getDomain, listDomains, putDomain } from "./domains.ts";
import { listNamespaces, listObjects } from "./durable-objects.ts";
import { getAccount, getUser, listAccounts, listMemberships, verifyToken } from "./identity.ts";
import {
  getReferences,
  listContainers,
  listKvNamespaces,
  listTailProducers,
} from "./references.ts";
import {
  deleteRoute,
  getRoute,
  listRoutes,
  postRoute,
  putRoute,
  putScriptRoutes,
} from "./routes.ts";
import { getSchedules, putSchedules } from "./schedules.ts";
import { postDomainChangeset, putDomainRecords } from "./script-domains.ts";
import { getScriptSettings, patchScriptSettings } from "./script-settings.ts";
import { deleteScript, getContent, listScripts, putScript } from "./scripts.ts";
import { deleteSecret, getSecret, listSecrets, patchSecrets, putSecret } from "./secrets.ts";
import {
  deleteService,
  getEnvironment,
  getEnvironmentBindings,
  getEnvironmentContent,
  getEnvironmentRoutes,
  getEnvironmentSubdomain,
  getService,
} from "./services.ts";
import { getSettings, patchSettings } from "./settings.ts";
import { deleteSubdomain, getSubdomain, postSubdomain } from "./subdomain.ts";
import { deleteTail, getTail, postTail } from "./tails.ts";
import { getVersion, listVersions, postVersion } from "./versions.ts";
import { deleteZone, getZone, listZones, postZone } from "./zones.ts";

const WORKERS = "/accounts/:account/workers";
const ENVIRONMENT = `${WORKERS}/services/:script/environments/:environment`;

/** Every endpoint that the local cloud has. Requests with `:script` that change something wait in line. */
export const ENDPOINTS: readonly Endpoint[] = [
  ["GET", "/user", getUser],
  ["GET", "/user/tokens/verify", verifyToken],
  ["GET", "/memberships", listMemberships],
  ["GET", "/accounts", listAccounts],
  ["GET", "/accounts/:account", getAccount],
  ["GET", "/accounts/:account/tokens/verify", verifyToken],

  ["GET", "/zones", listZones],
  ["POST", "/zones", postZone],
  ["GET", "/zones/:zone", getZone],
  ["DELETE", "/zones/:zone", deleteZone],
  ["GET", "/zones/:zone/dns_records", listRecords],
  ["POST", "/zones/:zone/dns_records", postRecord],
  ["GET", "/zones/:zone/dns_records/:id", getRecord],
  ["PUT", "/zones/:zone/dns_records/:id", putRecord],
  ["PATCH", "/zones/:zone/dns_records/:id", patchRecord],
  ["DELETE", "/zones/:zone/dns_records/:id", deleteRecord],
  ["GET", "/zones/:zone/workers/routes", listRoutes],
  ["POST", "/zones/:zone/workers/routes", postRoute],
  ["GET", "/zones/:zone/workers/routes/:id", getRoute],
  ["PUT", "/zones/:zone/workers/routes/:id", putRoute],
  ["DELETE", "/zones/:zone/workers/routes/:id", deleteRoute],

  ["GET", `${WORKERS}/scripts`, listScripts],
  ["PUT", `${WORKERS}/scripts/:script`, putScript],
  ["GET", `${WORKERS}/scripts/:script`, getContent],
  ["DELETE", `${WORKERS}/scripts/:script`, deleteScript],
  ["GET", `${WORKERS}/scripts/:script/settings`, getSettings],
  ["PATCH", `${WORKERS}/scripts/:script/settings`, patchSettings],
  ["GET", `${WORKERS}/scripts/:script/content/v2`, getContent],
  ["GET", `${WORKERS}/scripts/:script/subdomain`, getSubdomain],
  ["POST", `${WORKERS}/scripts/:script/subdomain`, postSubdomain],
  ["DELETE", `${WORKERS}/scripts/:script/subdomain`, deleteSubdomain],
  ["GET", `${WORKERS}/scripts/:script/versions`, listVersions],
  ["POST", `${WORKERS}/scripts/:script/versions`, postVersion],
  ["GET", `${WORKERS}/scripts/:script/versions/:version`, getVersion],
  ["GET", `${WORKERS}/scripts/:script/deployments`, listDeployments],
  ["POST", `${WORKERS}/scripts/:script/deployments`, postDeployment],
  ["GET", `${WORKERS}/scripts/:script/deployments/:deployment`, getDeployment],
  ["DELETE", `${WORKERS}/scripts/:script/deployments/:deployment`, deleteDeployment],
  ["GET", `${WORKERS}/scripts/:script/script-settings`, getScriptSettings],
  ["PATCH", `${WORKERS}/scripts/:script/script-settings`, patchScriptSettings],
  ["GET", `${WORKERS}/scripts/:script/secrets`, listSecrets],
  ["PUT", `${WORKERS}/scripts/:script/secrets`, putSecret],
  ["PATCH", `${WORKERS}/scripts/:script/secrets-bulk`, patchSecrets],
  ["GET", `${WORKERS}/scripts/:script/secrets/:secret`, getSecret],
  ["DELETE", `${WORKERS}/scripts/:script/secrets/:secret`, deleteSecret],
  ["GET", `${WORKERS}/scripts/:script/schedules`, getSchedules],
  ["PUT", `${WORKERS}/scripts/:script/schedules`, putSchedules],
  ["GET", `${WORKERS}/scripts/:script/tails`, getTail],
  ["POST", `${WORKERS}/scripts/:script/tails`, postTail],
  ["DELETE", `${WORKERS}/scripts/:script/tails/:id`, deleteTail],
  ["PUT", `${WORKERS}/scripts/:script/routes`, putScriptRoutes],
  ["POST", `${WORKERS}/scripts/:script/domains/changeset`, postDomainChangeset],
  ["PUT", `${WORKERS}/scripts/:script/domains/records`, putDomainRecords],
  ["GET", `${WORKERS}/scripts/:script/references`, getReferences],
  ["GET", `${WORKERS}/tails/by-consumer/:script`, listTailProducers],
  ["GET", `${WORKERS}/services/:script`, getService],
  ["DELETE", `${WORKERS}/services/:script`, deleteService],
  ["GET", ENVIRONMENT, getEnvironment],
  ["GET", `${ENVIRONMENT}/content/v2`, getEnvironmentContent],
  ["GET", `${ENVIRONMENT}/bindings`, getEnvironmentBindings],
  ["GET", `${ENVIRONMENT}/routes`, getEnvironmentRoutes],
  ["GET", `${ENVIRONMENT}/subdomain`, getEnvironmentSubdomain],
  ["GET", `${WORKERS}/workers`, listWorkers],
  ["POST", `${WORKERS}/workers`, postWorker],
  ["GET", `${WORKERS}/workers/:worker`, getWorker],
  ["PUT", `${WORKERS}/workers/:worker`, putWorker],
  ["PATCH", `${WORKERS}/workers/:worker`, patchWorker],
  ["DELETE", `${WORKERS}/workers/:worker`, deleteWorker],
  ["GET", `${WORKERS}/workers/:worker/versions`, listBetaVersions],
  ["POST", `${WORKERS}/workers/:worker/versions`, postBetaVersion],
  ["PATCH", `${WORKERS}/workers/:worker/versions/latest`, patchLatestVersion],
  ["GET", `${WORKERS}/workers/:worker/versions/:version`, getBetaVersion],
  ["DELETE", `${WORKERS}/workers/:worker/versions/:version`, deleteBetaVersion],
  ["GET", `${WORKERS}/subdomain`, getAccountSubdomain],
  ["PUT", `${WORKERS}/subdomain`, putAccountSubdomain],
  ["DELETE", `${WORKERS}/subdomain`, deleteAccountSubdomain],
  ["GET", `${WORKERS}/subdomains/:subdomain`, checkSubdomain],
  ["GET", `${WORKERS}/domains/records`, listDomains],
  ["GET", `${WORKERS}/domains/records/:id`, getDomain],
  ["GET", `${WORKERS}/domains`, listDomains],
  ["PUT", `${WORKERS}/domains`, putDomain],
  ["GET", `${WORKERS}/domains/:id`, getDomain],
  ["DELETE", `${WORKERS}/domains/:id`, deleteDomain],
  ["GET", `${WORKERS}/durable_objects/namespaces`, listNamespaces],
  ["GET", `${WORKERS}/durable_objects/namespaces/:id/objects`, listObjects],
  ["GET", "/accounts/:account/containers/applications", listContainers],
  ["GET", "/accounts/:account/storage/kv/namespaces", listKvNamespaces],
];
