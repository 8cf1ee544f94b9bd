import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createTailFeed } from "../src/runtime/tail-feed.ts";

const delivery = { consumers: ["slow", "quick"], events: [{}], unredacted: [null] };

test("a Tail Worker that is too slow loses events until it has caught up, and holds up no other", async () => {
  const release = Promise.withResolvers<void>();
  const delivered: string[] = [];
  const logged: string[] = [];
  const feed = createTailFeed(
    async (consumer) => {
      delivered.push(consumer);
      if (consumer === "slow") await release.promise;
    },
    (text) => logged.push(text),
  );
  for (let count = 0; count < 101; count++) {
    feed(delivery);
    await setImmediate();
  }
  expect(delivered.filter((consumer) => consumer === "slow")).toHaveLength(100);
  expect(delivered.filter((consumer) => consumer === "quick")).toHaveLength(101);
  expect(logged).toEqual(["The Tail Worker 'slow' is too slow: an event was left out."]);

  release.resolve();
  await setImmediate();
  feed(delivery);
  expect(delivered.filter((consumer) => consumer === "slow")).toHaveLength(101);
});

test("a Tail Worker that cannot be reached is told of in the log", async () => {
  const logged: string[] = [];
  const feed = createTailFeed(
    () => Promise.reject(new Error("connect ECONNREFUSED")),
    (text) => logged.push(text),
  );
  feed({ ...delivery, consumers: ["gone"] });
  await setImmediate();
  expect(logged).toEqual(["The Tail Worker 'gone' did not get an event: connect ECONNREFUSED"]);
});
