import type { Endpoint } from "../http/reply.ts";
import { deleteDeployment, getDeployment, listDeployments, postDeployment } from "./deployments.ts";
import { deleteRecord, getRecord, listRecords, patchRecord, postRecord, putRecord } from "./dns.ts";
import { deleteDomain, getDomain, listDomains, putDomain } from "./domains.ts";
import { listNamespaces } from "./durable-objects.ts";
import { getAccount, getUser, listAccounts, listMemberships, verifyToken } from "./identity.ts";
import { deleteRoute, getRoute, listRoutes, postRoute, putRoute } from "./routes.ts";
import {
  deleteScript,
  getContent,
  getService,
  getSettings,
  listScripts,
  putScript,
} from "./scripts.ts";
import { deleteSubdomain, getAccountSubdomain, getSubdomain, postSubdomain } from "./subdomain.ts";
import { getVersion, listVersions, postVersion } from "./versions.ts";
import { getZone, listZones } from "./zones.ts";

const WORKERS = "/accounts/:account/workers";

/** Every endpoint that the local cloud has. Requests with `:script` that change something wait in line. */
export const ENDPOINTS: readonly Endpoint[] = [
  ["GET", "/user", getUser],
  ["GET", "/user/tokens/verify", verifyToken],
  ["GET", "/memberships", listMemberships],
  ["GET", "/accounts", listAccounts],
  ["GET", "/accounts/:account", getAccount],
  ["GET", "/accounts/:account/tokens/verify", verifyToken],

  ["GET", "/zones", listZones],
  ["GET", "/zones/:zone", getZone],
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
  ["GET", `${WORKERS}/services/:script`, getService],
  ["GET", `${WORKERS}/subdomain`, getAccountSubdomain],
  ["GET", `${WORKERS}/domains`, listDomains],
  ["PUT", `${WORKERS}/domains`, putDomain],
  ["GET", `${WORKERS}/domains/:id`, getDomain],
  ["DELETE", `${WORKERS}/domains/:id`, deleteDomain],
  ["GET", `${WORKERS}/durable_objects/namespaces`, listNamespaces],
];
