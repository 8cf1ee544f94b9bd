import worker from "subject";
import { CONTROL_PATH, control } from "./control.ts";

export * from "subject";

/** The Worker under test, which is `subject` when it is bundled, with a path to act on it. */
export default {
  ...worker,
  fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname.startsWith(CONTROL_PATH)) return control(url, env);
    if (worker.fetch === undefined) return new Response(null, { status: 404 });
    return worker.fetch(request, env, ctx);
  },
} satisfies ExportedHandler<{ readonly [name: string]: unknown }>;
