import { expect, test } from "vitest";
import { answerClose, sendQuietly } from "../src/socket.ts";

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

test.for([
  [1000, 1000],
  [4000, 4000],
  [1005, 1005],
  [1006, 1005],
  [1015, 1005],
  [0, 1005],
  [1004, 1005],
  [5000, 1005],
] as const)("a close with %i is answered with %i", async ([code, answered]) => {
  const { 0: client, 1: server } = new WebSocketPair();
  client.accept();
  server.accept();
  const closed = new Promise((resolve) => {
    client.addEventListener("close", (event) => resolve(event.code));
  });
  answerClose(server, code);
  expect(await closed).toBe(answered);
});
