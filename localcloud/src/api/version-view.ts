import type { VersionListResponse } from "cloudflare/resources/workers/scripts/versions";
import { exportsMetadata } from "../deploy/classes.ts";
import { USER_EMAIL, USER_ID } from "../model/ids.ts";
import type { Version } from "../model/state.ts";
import type { RunnableBinding } from "../runtime/types.ts";
import { bindingsView, handlersView } from "./script-view.ts";

type Metadata = NonNullable<VersionListResponse["metadata"]>;

/** A version in a list. */
export interface VersionSummary {
  id: string;
  number: number;
  /** `has_preview` is what wrangler reads, `hasPreview` what is documented. */
  metadata: Metadata & { has_preview: boolean };
  annotations: Record<string, string>;
  /** Not documented in a list; `wrangler versions secret list --latest-version` reads it there. */
  resources: {
    /** The types say that bindings are an object; clients read a list. */
    bindings: RunnableBinding[];
    script: Record<string, unknown>;
    script_runtime: Record<string, unknown>;
  };
}

/** A version. */
export interface VersionView extends VersionSummary {
  startup_time_ms: number;
}

const SOURCES = ["api", "wrangler", "terraform"] as const;

/** A version in a list. */
export function versionSummary(version: Version): VersionSummary {
  const { id, number, createdOn, annotations } = version;
  return {
    id,
    number,
    metadata: {
      created_on: createdOn,
      modified_on: createdOn,
      source: SOURCES.find((source) => source === version.source) ?? "unknown",
      author_id: USER_ID,
      author_email: USER_EMAIL,
      // The edge serves what is deployed, and nothing by a version's own address.
      hasPreview: false,
      has_preview: false,
    },
    annotations,
    resources: resourcesOf(version),
  };
}

/** A version, without its code. */
export function versionView(version: Version): VersionView {
  return { ...versionSummary(version), startup_time_ms: version.startupTimeMs };
}

function resourcesOf(version: Version): VersionSummary["resources"] {
  const { migrationTag, limits } = version;
  return {
    bindings: bindingsView(version),
    script: {
      etag: version.etag,
      ...handlersView(version),
      last_deployed_from: version.source,
    },
    script_runtime: {
      compatibility_date: version.compatibilityDate,
      compatibility_flags: version.compatibilityFlags,
      usage_model: "standard",
      limits: limits ?? {},
      ...exportsMetadata(version),
      ...(migrationTag === null ? {} : { migration_tag: migrationTag }),
    },
  };
}
