import { AssertionError, deepStrictEqual } from "node:assert/strict";
import { counterBinding } from "../../test/support/workers.ts";
import { SCRIPTS, type TrialClient, trialClient } from "./client.ts";
import type { CloudProcess } from "./cloud-process.ts";

const CODE_BYTES = 40_000;

/** What every upload of a counting script says. */
export const BINDINGS: { bindings: object[] } = { bindings: [counterBinding("Room")] };
/** What its first one says besides. */
const FIRST: object = { migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] } };

/** Counts visits in an object, takes WebSockets there and echoes; logs, and has a cron handler. */
export function soakCode(number: number): string {
  return `import { DurableObject } from "cloudflare:workers";
  export class Room extends DurableObject {
    fetch(request) {
      if (request.headers.get("upgrade") === "websocket") {
        const [client, server] = Object.values(new WebSocketPair());
        this.ctx.acceptWebSocket(server);
        return new Response(null, { status: 101, webSocket: client });
      }
      const count = (this.ctx.storage.kv.get("count") ?? 0) + 1;
      this.ctx.storage.kv.put("count", count);
      return new Response("Room " + count);
    }
    webSocketMessage(socket, message) { socket.send(message); }
    webSocketClose(socket, code) { socket.close(code); }
  }
  export default {
    fetch(request, env) {
      console.log("visited", request.url);
      return env.COUNTER.getByName("room").fetch(request);
    },
    scheduled(event) { console.log("called", event.cron); },
  };
  // ${String(number).padEnd(CODE_BYTES, "x")}`;
}

/** A local cloud under use, and what is known of the scripts in it. */
export interface SoakRun {
  cloud: CloudProcess;
  client: TrialClient;
  /** The next number; none comes twice. */
  next: () => number;
  /** Deploys new code under a name, for the first time with its class and its address. */
  deploy: (script: string) => Promise<void>;
  /** @throws {AssertionError} when the script does not serve, or its object lost count */
  visit: (script: string) => Promise<void>;
  /** Says that a script, its object included, is gone. */
  forget: (script?: string) => void;
}

export function soakRun(cloud: CloudProcess): SoakRun {
  const client = trialClient(cloud);
  const visits = new Map<string, number>();
  let number = 0;
  return {
    cloud,
    client,
    next: () => ++number,
    async deploy(script) {
      const isFirst = !visits.has(script);
      const metadata = { ...BINDINGS, ...(isFirst ? FIRST : {}) };
      const status = await client.upload(script, soakCode(++number), metadata);
      if (status !== 200) throw new AssertionError({ message: await lastRequest(client) });
      if (!isFirst) return;
      visits.set(script, 0);
      await client.result("POST", `${SCRIPTS}/${script}/subdomain`, { enabled: true });
    },
    async visit(script) {
      const count = (visits.get(script) ?? 0) + 1;
      visits.set(script, count);
      const answer = await client.visit(hostOf(script), "/");
      deepStrictEqual(answer, { status: 200, text: `Room ${count}` }, `a visit of ${script}`);
    },
    forget(script) {
      if (script === undefined) visits.clear();
      else visits.delete(script);
    },
  };
}

export function hostOf(script: string): string {
  return `${script}.local.workers.dev`;
}

/** The last request to the API and its answer, errors included. */
async function lastRequest(client: TrialClient): Promise<string> {
  return JSON.stringify(await client.control("GET", "journal?last=1"));
}
