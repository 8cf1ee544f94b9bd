/** A Worker that says `text`. */
export function hello(text: string): string {
  return `export default { fetch() { return new Response(${JSON.stringify(text)}); } };`;
}

/** A Durable Object class that counts its requests in its storage. */
function counterClass(name: string): string {
  return `export class ${name} extends DurableObject {
    fetch() {
      const count = (this.ctx.storage.kv.get("count") ?? 0) + 1;
      this.ctx.storage.kv.put("count", count);
      return new Response("${name} " + count);
    }
  }`;
}

/** A Worker whose every request goes to the object \`/path\` of the class that \`COUNTER\` is bound to. */
export function counter(...classes: string[]): string {
  return `import { DurableObject } from "cloudflare:workers";
  ${classes.map(counterClass).join("\n")}
  export default {
    fetch(request, env) {
      return env.COUNTER.getByName(new URL(request.url).pathname).fetch(request);
    }
  };`;
}

export function counterBinding(className: string): object {
  return { type: "durable_object_namespace", name: "COUNTER", class_name: className };
}
