import { expect, test } from "vitest";
import { Sessions } from "../provider/sessions.ts";

const PEER = "127.0.0.1:50001";
const CONFIG = { baseUrl: "http://127.0.0.1:1/client/v4", token: "t".repeat(40) };

test("cancelling ends what a connection does and what it asks for afterwards, and nobody else's", () => {
  const sessions = new Sessions();
  sessions.configure(PEER, CONFIG);
  const underWay = sessions.signal(PEER);
  sessions.cancel(PEER);
  expect([underWay.aborted, sessions.signal(PEER).aborted]).toEqual([true, true]);
  expect(sessions.signal("127.0.0.1:50002").aborted).toBe(false);
});

test("a connection that gets the port of a cancelled one is not cancelled", () => {
  const sessions = new Sessions();
  sessions.configure(PEER, CONFIG);
  const before = sessions.signal(PEER);
  sessions.cancel(PEER);
  sessions.configure(PEER, CONFIG);
  expect([before.aborted, sessions.signal(PEER).aborted]).toEqual([true, false]);
  sessions.cancel(PEER);
  expect(sessions.signal(PEER).aborted).toBe(true);
});
