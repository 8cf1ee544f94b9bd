/** A wrapper that counts what objects are asked, in the isolate that it shares with them. */
export const COUNTED_WORKER = `
import worker, * as bundle from "./worker.js";
export * from "./worker.js";

const calls = {};
const note = (what) => { calls[what] = (calls[what] ?? 0) + 1; };

export class PageCounter extends bundle.PageCounter {
  count() { note("count " + this.ctx.id.name); return super.count(); }
  alarm(...args) { note("alarm " + this.ctx.id.name); return super.alarm(...args); }
}

export class SiteDirectory extends bundle.SiteDirectory {
  report(...args) { note("report " + args[0]); return super.report(...args); }
  read() { note("read " + this.ctx.id.name); return super.read(); }
}

export default {
  fetch(request, env, ctx) {
    return request.url.endsWith("/calls") ? Response.json(calls) : worker.fetch(request, env, ctx);
  },
};
`;

/** How often each was asked: "count https://…" is a page's object. Wakes nothing. */
export async function callsOf(port: number): Promise<{ readonly [call: string]: number }> {
  const calls: unknown = await (await fetch(`http://127.0.0.1:${port}/calls`)).json();
  return Object.fromEntries(
    Object.entries(Object(calls)).map(([call, times]) => [call, Number(times)]),
  );
}
