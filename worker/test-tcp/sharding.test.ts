import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Follower, homeOf } from "./support/follower.ts";
import { type Server, startServer } from "./support/server.ts";
import { MuteVisitor, Visitor, countOf, freshPage, joinPath } from "./support/visitor.ts";

const SPLIT_AT = 8;

let server: Server;
let port: number;

beforeAll(async () => {
  server = await startServer({ limits: { splitAtSockets: SPLIT_AT, mergeAfterMs: 300 } });
  ({ port } = server);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function allSee(followers: readonly Follower[], count: number): Promise<unknown> {
  return Promise.all(followers.map((follower) => follower.sees(count)));
}

interface Move {
  readonly from: number;
  readonly to: number;
}

/** Waits until all who live elsewhere in a page of `to` shards than of `from` have come there. */
function allMoved(followers: readonly Follower[], { from, to }: Move): Promise<unknown> {
  const movers = followers.filter(({ options: { page, userId } }) => {
    return homeOf(page, userId, from) !== homeOf(page, userId, to);
  });
  return Promise.all(
    movers.map((follower) => {
      const { moves } = follower;
      return follower.until(() => follower.moves > moves);
    }),
  );
}

/** All numbers that were told since everybody was told `count`. */
function toldSince(followers: readonly Follower[], count: number): Set<number> {
  return new Set(followers.flatMap(({ counts }) => counts.slice(counts.lastIndexOf(count))));
}

test("nobody is told another number while a page is split and nobody joins or leaves", async () => {
  const page = freshPage();
  const tab = { port, page, userId: "has-two-tabs" };
  const observer = await Follower.join({ port, page, query: "&v=2&observe=1" });
  const visitors = [await Follower.join(tab), await Follower.join(tab)];
  visitors.push(await Follower.join({ port, page, query: "" }));
  while (visitors.length < SPLIT_AT) visitors.push(await Follower.join({ port, page }));
  // The ninth connection has split the page.
  const isMoved = allMoved(visitors, { from: 1, to: 4 });
  const everyone = [observer, ...visitors];
  await allSee(everyone, 7);
  await Promise.all([isMoved, observer.until(() => observer.moves === 1)]);
  expect(await countOf(port, page)).toBe(7);
  expect(toldSince(everyone, 7)).toEqual(new Set([7]));
});

test("nobody is told another number while a page is merged and nobody joins or leaves", async () => {
  const page = freshPage();
  const followers: Follower[] = [];
  while (followers.length <= SPLIT_AT) followers.push(await Follower.join({ port, page }));
  await Promise.all([allMoved(followers, { from: 1, to: 4 }), allSee(followers, 9)]);
  const rest = followers.splice(0, 3);
  await Promise.all(followers.map((follower) => follower.leave()));
  await allSee(rest, 3);
  for (const follower of rest) follower.counts.splice(0, follower.counts.length - 1);
  // What makes the page merge, once it has been split for long enough.
  const isMoved = allMoved(rest, { from: 4, to: 1 });
  const moved = isMoved.then(() => "moved");
  const looked = async (): Promise<string> => `${await countOf(port, page)} visitors`;
  while ((await Promise.race([moved, looked()])) !== "moved");
  expect(await countOf(port, page)).toBe(3);
  expect(new Set(rest.flatMap(({ counts }) => counts))).toEqual(new Set([3]));
});

test("forty who come at once see forty, and a read does", async () => {
  const page = freshPage();
  const joins = Array.from({ length: 40 }, () => Follower.join({ port, page }));
  const followers = await Promise.all(joins);
  await allSee(followers, 40);
  const url = `http://127.0.0.1:${port}/count?page=${encodeURIComponent(page)}`;
  const read: unknown = await (await fetch(url)).json();
  expect(read).toMatchObject({ count: 40 });
  await followers.pop()?.leave();
  await allSee(followers, 39);
});

test("a contract client that sends nothing is closed in time by its shard, and all are told", async () => {
  const limits = { splitAtSockets: SPLIT_AT, staleAfterMs: 3_000, sweepEveryMs: 250 };
  await using watchful = await startServer({ limits });
  const { port: other } = watchful;
  const page = freshPage();
  const followers: Follower[] = [];
  while (followers.length <= SPLIT_AT) followers.push(await Follower.join({ port: other, page }));
  const timer = setInterval(() => followers.forEach((follower) => follower.ping()), 500);
  await Promise.all([allMoved(followers, { from: 1, to: 4 }), allSee(followers, 9)]);
  let userId = "mute-visitor";
  while (homeOf(page, userId, 4) === 0) userId += "-";
  const silent = await MuteVisitor.join({ port: other, page, userId, query: "" });
  await allSee(followers, 10);
  expect(await silent.receiveClose()).toEqual([4408, "no sign of life"]);
  await allSee(followers, 9);
  clearInterval(timer);
  silent.socket.destroy();
});

test("joins beyond what an object takes are refused, for a time that differs", async () => {
  const limits = { joinsPerSecond: 2 };
  await using busy = await startServer({ limits });
  const page = freshPage();
  const joins = Array.from({ length: 10 }, () => Visitor.join({ port: busy.port, page }));
  const [first] = await Promise.all(joins);
  const late = await Visitor.join({ port: busy.port, page });
  expect(await late.closed).toEqual([
    1013,
    "the page takes nobody in at the moment; try again later",
  ]);
  const path = joinPath({ port: busy.port, page, query: "" });
  const contract = new WebSocket(`ws://127.0.0.1:${busy.port}${path}`);
  contract.on("error", () => {});
  const [, response] = await once(contract, "unexpected-response");
  expect(response.statusCode).toBe(503);
  const waitS = Number(response.headers["retry-after"]);
  expect([waitS >= 5, waitS <= 30]).toEqual([true, true]);
  await first?.sees(10);
});
