import type { CrowdResult } from "../scenarios/crowd.ts";

export function crowdSection(_result: CrowdResult): string {
  return "";
}
