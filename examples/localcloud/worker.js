import { DurableObject } from "cloudflare:workers";

/** The seats of a hall. Who asks first gets one, also when two ask at once. */
export class Hall extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.sql.exec("CREATE TABLE IF NOT EXISTS seats (seat TEXT PRIMARY KEY, guest TEXT)");
  }

  /** False when somebody has it. */
  take(seat, guest) {
    const { rowsWritten } = this.sql.exec("INSERT OR IGNORE INTO seats VALUES (?, ?)", seat, guest);
    return rowsWritten > 0;
  }

  guests() {
    return Object.fromEntries(this.sql.exec("SELECT seat, guest FROM seats").raw());
  }
}

/** `POST /A1?guest=Ada` takes a seat, `GET /` tells who sits where. */
export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const hall = env.HALL.getByName("main");
    if (request.method === "GET") return Response.json(await hall.guests());
    const isTaken = await hall.take(pathname.slice(1), searchParams.get("guest"));
    return new Response(null, { status: isTaken ? 201 : 409 });
  },
};
