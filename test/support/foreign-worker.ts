import type { LocalCloud } from "../../localcloud/src/index.ts";

export interface ForeignWorker {
  /** Durable Object class that its code has; none when left out. */
  readonly className?: string;
  /** Tag that it is deployed with; needs a class. */
  readonly tag?: string;
}

/** Uploads a Worker by the API, as another tool would. */
export async function uploadForeign(
  cloud: LocalCloud,
  script: string,
  { className, tag }: ForeignWorker = {},
): Promise<void> {
  const metadata = {
    main_module: "worker.js",
    compatibility_date: "2026-09-01",
    ...(className === undefined
      ? {}
      : {
          bindings: [{ type: "durable_object_namespace", name: "OBJECTS", class_name: className }],
          migrations: { new_tag: tag, steps: [{ new_sqlite_classes: [className] }] },
        }),
  };
  const form = new FormData();
  const type = "application/javascript+module";
  form.set("worker.js", new Blob([codeOf(className)], { type }), "worker.js");
  form.set("metadata", new Blob([JSON.stringify(metadata)], { type: "application/json" }));
  const url = `${cloud.apiUrl}/accounts/${cloud.accountId}/workers/scripts/${script}`;
  const headers = { authorization: "Bearer test" };
  const response = await fetch(url, { method: "PUT", headers, body: form });
  if (!response.ok) throw new Error(`upload answered ${response.status}: ${await response.text()}`);
}

/** With a class: counts in its storage how often it was asked. */
function codeOf(className: string | undefined): string {
  if (className === undefined) return 'export default { fetch: () => new Response("foreign") };';
  return `import { DurableObject } from "cloudflare:workers";
export class ${className} extends DurableObject {
  async fetch() {
    const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
    await this.ctx.storage.put("count", count);
    return new Response(String(count));
  }
}
export default {
  fetch: (request, env) => env.OBJECTS.get(env.OBJECTS.idFromName("one")).fetch(request),
};`;
}
