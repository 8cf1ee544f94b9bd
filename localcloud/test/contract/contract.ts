import type { V4PagePaginationArrayResponse } from "cloudflare/core/pagination";
import type { Account } from "cloudflare/resources/accounts/accounts";
import type { RecordDeleteResponse, RecordResponse } from "cloudflare/resources/dns/records";
import type { Namespace } from "cloudflare/resources/durable-objects/namespaces/namespaces";
import type { DurableObject } from "cloudflare/resources/durable-objects/namespaces/objects";
import type { Membership } from "cloudflare/resources/memberships/memberships";
import type { ResponseInfo } from "cloudflare/resources/shared";
import type { TokenVerifyResponse } from "cloudflare/resources/user/tokens/tokens";
import type { UserGetResponse } from "cloudflare/resources/user/user";
import type { Version as BetaVersion } from "cloudflare/resources/workers/beta/workers/versions";
import type { Worker } from "cloudflare/resources/workers/beta/workers/workers";
import type {
  DomainGetResponse,
  DomainListResponse,
  DomainUpdateResponse,
} from "cloudflare/resources/workers/domains";
import type {
  RouteCreateResponse,
  RouteDeleteResponse,
  RouteGetResponse,
  RouteListResponse,
  RouteUpdateResponse,
} from "cloudflare/resources/workers/routes";
import type {
  Deployment,
  DeploymentListResponse,
} from "cloudflare/resources/workers/scripts/deployments";
import type {
  ScheduleGetResponse,
  ScheduleUpdateResponse,
} from "cloudflare/resources/workers/scripts/schedules";
import type {
  ScriptAndVersionSettingEditResponse,
  ScriptAndVersionSettingGetResponse,
} from "cloudflare/resources/workers/scripts/script-and-version-settings";
import type {
  ScriptListResponse,
  ScriptSetting,
  ScriptUpdateResponse,
} from "cloudflare/resources/workers/scripts/scripts";
import type {
  SecretBulkUpdateResponse,
  SecretGetResponse,
  SecretListResponse,
  SecretUpdateResponse,
} from "cloudflare/resources/workers/scripts/secrets";
import type {
  SubdomainCreateResponse,
  SubdomainDeleteResponse,
  SubdomainGetResponse,
} from "cloudflare/resources/workers/scripts/subdomain";
import type {
  TailCreateResponse,
  TailGetResponse,
} from "cloudflare/resources/workers/scripts/tail";
import type {
  VersionCreateResponse,
  VersionGetResponse,
  VersionListResponse,
} from "cloudflare/resources/workers/scripts/versions";
// SubdomainGetResponse is a name that the schema generator can take only once.
import type { SubdomainUpdateResponse as AccountSubdomain } from "cloudflare/resources/workers/subdomains";
import type { Zone, ZoneDeleteResponse } from "cloudflare/resources/zones/zones";

/** The SDK has no type for the list of bindings here; it is the one of the newer API. */
type WithBindings<T extends { resources: object }> = Omit<T, "resources"> & {
  resources: Omit<T["resources"], "bindings"> & Pick<BetaVersion, "bindings">;
};

/** What is around every answer. */
interface Envelope {
  errors: ResponseInfo[];
  messages: ResponseInfo[];
}

/** What Cloudflare documents as the `result` of each endpoint that the local cloud has. */
export interface Contract {
  success: Envelope & {
    success: true;
    result: unknown;
    result_info?: V4PagePaginationArrayResponse.ResultInfo;
  };
  failure: Envelope & { success: false; result: null };

  "GET /user": UserGetResponse;
  "GET /user/tokens/verify": TokenVerifyResponse;
  "GET /memberships": Membership[];
  "GET /accounts": Account[];
  "GET /accounts/:account": Account;
  "GET /accounts/:account/tokens/verify": TokenVerifyResponse;

  "GET /zones": Zone[];
  "POST /zones": Zone;
  "GET /zones/:zone": Zone;
  "DELETE /zones/:zone": ZoneDeleteResponse;
  "GET /zones/:zone/dns_records": RecordResponse[];
  "POST /zones/:zone/dns_records": RecordResponse;
  "GET /zones/:zone/dns_records/:id": RecordResponse;
  "PUT /zones/:zone/dns_records/:id": RecordResponse;
  "PATCH /zones/:zone/dns_records/:id": RecordResponse;
  "DELETE /zones/:zone/dns_records/:id": RecordDeleteResponse;
  "GET /zones/:zone/workers/routes": RouteListResponse[];
  "POST /zones/:zone/workers/routes": RouteCreateResponse;
  "GET /zones/:zone/workers/routes/:id": RouteGetResponse;
  "PUT /zones/:zone/workers/routes/:id": RouteUpdateResponse;
  "DELETE /zones/:zone/workers/routes/:id": RouteDeleteResponse;

  "GET /accounts/:account/workers/scripts": ScriptListResponse[];
  "PUT /accounts/:account/workers/scripts/:script": ScriptUpdateResponse;
  "GET /accounts/:account/workers/scripts/:script/settings": ScriptAndVersionSettingGetResponse;
  "PATCH /accounts/:account/workers/scripts/:script/settings": ScriptAndVersionSettingEditResponse;
  "GET /accounts/:account/workers/scripts/:script/subdomain": SubdomainGetResponse;
  "POST /accounts/:account/workers/scripts/:script/subdomain": SubdomainCreateResponse;
  "DELETE /accounts/:account/workers/scripts/:script/subdomain": SubdomainDeleteResponse;
  "GET /accounts/:account/workers/scripts/:script/versions": { items: VersionListResponse[] };
  "POST /accounts/:account/workers/scripts/:script/versions": WithBindings<VersionCreateResponse>;
  "GET /accounts/:account/workers/scripts/:script/versions/:version": WithBindings<VersionGetResponse>;
  "GET /accounts/:account/workers/scripts/:script/deployments": DeploymentListResponse;
  "POST /accounts/:account/workers/scripts/:script/deployments": Deployment;
  "GET /accounts/:account/workers/scripts/:script/deployments/:deployment": Deployment;
  "GET /accounts/:account/workers/scripts/:script/script-settings": ScriptSetting;
  "PATCH /accounts/:account/workers/scripts/:script/script-settings": ScriptSetting;
  "GET /accounts/:account/workers/scripts/:script/secrets": SecretListResponse[];
  "PUT /accounts/:account/workers/scripts/:script/secrets": SecretUpdateResponse;
  "PATCH /accounts/:account/workers/scripts/:script/secrets-bulk": SecretBulkUpdateResponse;
  "GET /accounts/:account/workers/scripts/:script/secrets/:secret": SecretGetResponse;
  "GET /accounts/:account/workers/scripts/:script/schedules": ScheduleGetResponse;
  "PUT /accounts/:account/workers/scripts/:script/schedules": ScheduleUpdateResponse;
  "GET /accounts/:account/workers/scripts/:script/tails": TailGetResponse;
  "POST /accounts/:account/workers/scripts/:script/tails": TailCreateResponse;
  "GET /accounts/:account/workers/workers": Worker[];
  "POST /accounts/:account/workers/workers": Worker;
  "GET /accounts/:account/workers/workers/:worker": Worker;
  "PUT /accounts/:account/workers/workers/:worker": Worker;
  "PATCH /accounts/:account/workers/workers/:worker": Worker;
  "GET /accounts/:account/workers/workers/:worker/versions": BetaVersion[];
  "POST /accounts/:account/workers/workers/:worker/versions": BetaVersion;
  "GET /accounts/:account/workers/workers/:worker/versions/:version": BetaVersion;
  "GET /accounts/:account/workers/subdomain": AccountSubdomain;
  "PUT /accounts/:account/workers/subdomain": AccountSubdomain;
  "GET /accounts/:account/workers/domains": DomainListResponse[];
  "PUT /accounts/:account/workers/domains": DomainUpdateResponse;
  "GET /accounts/:account/workers/domains/:id": DomainGetResponse;
  "GET /accounts/:account/workers/durable_objects/namespaces": Namespace[];
  "GET /accounts/:account/workers/durable_objects/namespaces/:id/objects": DurableObject[];
}
