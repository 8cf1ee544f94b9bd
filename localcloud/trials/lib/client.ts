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
  /** Status of an answer. */
  status(method: string, path: string, body?: unknown): Promise<number>;
  /** Uploads a Worker of one module; the answer's status. */
  upload(script: string, code: string, metadata: object): Promise<number>;
  /** Uploads a version that does not serve; its id. @throws for a failure */
  uploadVersion(script: string, code: string, metadata: object): Promise<string>;
  /** Asks the local cloud's own endpoints. @throws for a failure */
  control(method: string, path: string, body?: unknown): Promise<unknown>;
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
  const sendJson = (method: string, path: string, body?: unknown): Promise<Response> =>
    send(method, path, "application/json", body === undefined ? undefined : JSON.stringify(body));
  const sendForm = (
    method: string,
    path: string,
    code: string,
    metadata: object,
  ): Promise<Response> =>
    send(method, path, FORM_TYPE, new Uint8Array(providerForm(code, metadata)));
  return {
    result: async (method, path, body) => resultOf(await sendJson(method, path, body)),
    status: async (method, path, body) => statusOf(await sendJson(method, path, body)),
    upload: async (script, code, metadata) =>
      statusOf(await sendForm("PUT", `${SCRIPTS}/${script}`, code, metadata)),
    async uploadVersion(script, code, metadata) {
      const path = `${SCRIPTS}/${script}/versions`;
      const result = await resultOf(await sendForm("POST", path, code, metadata));
      return String(isRecord(result) ? result["id"] : result);
    },
    async control(method, path, body) {
      const response = await fetch(`${new URL(apiUrl).origin}/__localcloud/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return answerOf(response);
    },
    visit: (host, path) => visit(Number(new URL(edgeUrl).port), path, { headers: { host }, agent }),
    close: () => agent.destroy(),
  };
}

async function resultOf(response: Response): Promise<unknown> {
  const answer = await answerOf(response);
  return isRecord(answer) ? answer["result"] : answer;
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${text}`);
  return JSON.parse(text);
}

async function statusOf(response: Response): Promise<number> {
  await response.arrayBuffer();
  return response.status;
}
