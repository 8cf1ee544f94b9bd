import { isRecord } from "../lib/unknown.ts";

type Sent = Record<string, unknown>;

/**
 * As a script shows it: what was sent, completed, but traces only when they were sent. The provider's own
 * tests, which run against Cloudflare, expect the sampling rate and the logs of a script that was uploaded
 * without them (terraform-provider-cloudflare v5.22.0, workers_script/resource_test.go).
 */
export function completedObservability(sent: Sent): Sent {
  return { enabled: false, head_sampling_rate: 1, ...sent, logs: logsOf(sent) };
}

/**
 * As the newer API shows a Worker: everything, save how traces propagate, which it keeps for itself
 * (worker/data_source_test.go there).
 */
export function fullObservability(sent: Sent): Sent {
  const { propagation_policy: _, ...traces } = isRecord(sent["traces"]) ? sent["traces"] : {};
  return {
    ...completedObservability(sent),
    logs: { destinations: [], ...logsOf(sent) },
    traces: { destinations: [], enabled: false, head_sampling_rate: 1, persist: true, ...traces },
  };
}

/** Logs are on where observability is, as wrangler takes it, too. */
function logsOf({ enabled, logs }: Sent): Sent {
  const defaults = {
    enabled: enabled === true,
    head_sampling_rate: 1,
    invocation_logs: true,
    persist: true,
  };
  return { ...defaults, ...(isRecord(logs) ? logs : {}) };
}
