import type { FaultSource } from "../faults.ts";
import { type Journal, mask } from "../journal.ts";
import { messageOf } from "../lib/unknown.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { Cloud } from "./reply.ts";

/** Path of what the local cloud offers beside Cloudflare's API. */
export const CONTROL_ROOT = "/__localcloud";

interface Controlled {
  cloud: Cloud;
  faults: FaultSource;
  journal: Journal;
}

/**
 * Answers `/__localcloud/faults` (GET, POST a rule or a list of rules, DELETE), `/__localcloud/journal` and
 * `/__localcloud/state`, secrets masked; null for every other path.
 */
export function answerControl(
  method: string,
  path: string,
  body: Buffer,
  { cloud, faults, journal }: Controlled,
): Answer | null {
  if (path !== CONTROL_ROOT && !path.startsWith(`${CONTROL_ROOT}/`)) return null;
  switch (`${method} ${path.slice(CONTROL_ROOT.length)}`) {
    case "GET /journal":
      return jsonAnswer(200, { entries: journal.entries });
    case "GET /state":
      return jsonAnswer(200, mask(cloud.store.state));
    case "GET /faults":
      return jsonAnswer(200, { faults: faults.list() });
    case "POST /faults":
      return addFaults(faults, body);
    case "DELETE /faults":
      faults.clear();
      return jsonAnswer(200, { faults: [] });
    default:
      return jsonAnswer(404, {
        error: `There is no ${method} ${path}; there are GET journal, GET state and GET, POST, DELETE faults.`,
      });
  }
}

function addFaults(faults: FaultSource, body: Buffer): Answer {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    faults.addUntrusted(value);
    return jsonAnswer(200, { faults: faults.list() });
  } catch (error) {
    return jsonAnswer(400, { error: messageOf(error) });
  }
}
