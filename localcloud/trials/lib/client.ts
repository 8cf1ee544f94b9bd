import { Agent } from "node:http";
import { isRecord } from "../../src/lib/unknown.ts";
import { ACCOUNT_ID } from "../../src/model/ids.ts";
import { FORM_TYPE, providerForm } from "../../test/support/form.ts";
import { type EdgeAnswer, visit } from "../../test/support/visit.ts";

/** Path of the account's scripts. */
export const SCRIPTS: string = `/accounts/${ACCOUNT_ID}/workers/scripts`;

/** What trials ask of a local cloud. Throws when a connection is lost. */
export interface TrialClient {
  /** `result` of a success. @throws for a failure, with its errors */
  result(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Uploads a Worker of one module; the answer's status. */
  upload(script: string, code: string, metadata: object): Promise<number>;
  visit(host: string, path: string): Promise<EdgeAnswer>;
  close(): void;
}

/**
 * @param options.keepAlive whether visits share connections: for who visits without a pause, as a connection
 * that was idle may be closed by the edge in the moment in which it is used again
 */
export function trialClient(
  { apiUrl, edgeUrl }: { apiUrl: string; edgeUrl: string },
  options: { keepAlive: boolean } = { keepAlive: false },
): TrialClient {
  const agent = new Agent(options);
  async function send(
    method: string,
    path: string,
    type: string,
    body?: string | Uint8Array<ArrayBuffer>,
  ): Promise<Response> {
    return await fetch(`${apiUrl}${path}`, {
      method,
      headers: { authorization: "Bearer trial", "content-type": type },
      ...(body === undefined ? {} : { body }),
    });
  }
  return {
    async result(method, path, body) {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const response = await send(method, path, "application/json", text);
      const answer: unknown = await response.json();
      if (response.ok && isRecord(answer)) return answer["result"];
      throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    },
    async upload(script, code, metadata) {
      const form = new Uint8Array(providerForm(code, metadata));
      const response = await send("PUT", `${SCRIPTS}/${script}`, FORM_TYPE, form);
      await response.arrayBuffer();
      return response.status;
    },
    visit: (host, path) => visit(Number(new URL(edgeUrl).port), path, { headers: { host }, agent }),
    close: () => agent.destroy(),
  };
}
