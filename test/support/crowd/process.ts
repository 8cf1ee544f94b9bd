import { randomUUID } from "node:crypto";
import { createVisitorCounter } from "../../../client/src/index.ts";
import { installBrowser } from "./browser-globals.ts";
import { emptyLog } from "./log.ts";
import type { CrowdAnswer, CrowdOptions, CrowdRequest } from "./protocol.ts";

/**
 * Visitors of one page in a process of their own: the published client, as browsers run it, on real
 * sockets. What happens to them is written down here, by one clock.
 */
let log = emptyLog();
let present = 0;
let visitors = 0;
/** Those who are live and see how many visitors there are. */
const right = new Set<number>();
let settle: { readonly losses: number } | null = null;

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

function say(answer: CrowdAnswer): void {
  process.send?.(answer);
}

function join(options: CrowdOptions): void {
  visitors = options.visitors;
  installBrowser(options.origin, {
    onJoin(visitor) {
      present++;
      log.joins.push({ atMs: nowMs(), visitor });
    },
    onClose(loss) {
      present--;
      log.losses.push({ atMs: nowMs(), ...loss });
      checkSettled();
    },
    onCount: (count) => log.told.push({ atMs: nowMs(), count, present }),
  });
  for (let index = 0; index < visitors; index++) {
    const { base: endpoint, page } = options;
    const counter = createVisitorCounter({ endpoint, page, visitorId: randomUUID() });
    counter.subscribe(() => {
      const { count, status } = counter.getSnapshot();
      if (status === "live" && count === visitors) right.add(index);
      else right.delete(index);
      checkSettled();
    });
  }
}

function checkSettled(): void {
  if (settle === null || right.size < visitors || log.losses.length < settle.losses) return;
  settle = null;
  say({ answer: "settled", atMs: nowMs() });
}

process.on("message", (request: CrowdRequest) => {
  switch (request.ask) {
    case "join":
      join(request);
      break;
    case "settle":
      settle = request;
      checkSettled();
      break;
    case "forget":
      log = emptyLog();
      say({ answer: "forgotten" });
      break;
    case "log":
      say({ answer: "log", log });
      break;
  }
});
process.once("disconnect", () => process.exit());
