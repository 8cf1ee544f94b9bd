import { expect, test } from "vitest";
import { sendQuietly } from "../src/socket.ts";

test("sending to a socket that was closed is no error, from whichever side it was", async () => {
  for (const side of [0, 1] as const) {
    const pair = new WebSocketPair();
    pair[0].accept();
    pair[1].accept();
    const received: unknown[] = [];
    pair[0].addEventListener("message", ({ data }) => {
      received.push(data);
    });
    const closed = new Promise((resolve) => pair[side].addEventListener("close", resolve));
    sendQuietly(pair[1], "before");
    pair[side === 0 ? 1 : 0].close(1000);
    await closed;
    expect(() => sendQuietly(pair[1], "after")).not.toThrow();
    expect(received).toEqual(["before"]);
  }
});
