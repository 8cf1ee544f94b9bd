import { randomUUID } from "node:crypto";
import { HEARTBEAT_INTERVAL_MS, parseCount, serializeHeartbeat } from "@visitor-tracker/protocol";
import { createVisitorCounter } from "../../../client/src/index.ts";
import { CountedWebSocket } from "./browser.ts";

export const CLIENTS = ["product", "contract"] as const;

/**
 * `product` is the browser client as published, which pings for nothing; `contract` sends the
 * contract's JSON heartbeat instead and nothing else.
 */
export type ClientName = (typeof CLIENTS)[number];

interface VisitorOptions {
  readonly port: number;
  /** An absolute URL. */
  readonly page: string;
  /** Called with each count that this visitor is told. */
  readonly onCount: (count: number) => void;
  /** Milliseconds between two signs of life. @default 20_000 */
  readonly heartbeatMs?: number | undefined;
}

/** Joins as one visitor. @returns leaves */
export type Join = (options: VisitorOptions) => () => void;

export const JOIN: { readonly [client in ClientName]: Join } = {
  product: joinWithProduct,
  contract: joinWithContract,
};

function joinWithProduct({ port, page, onCount, heartbeatMs }: VisitorOptions): () => void {
  const counter = createVisitorCounter({
    endpoint: `http://127.0.0.1:${port}`,
    page,
    visitorId: randomUUID(),
    heartbeat: heartbeatMs,
  });
  return counter.subscribe(() => {
    const { count, status } = counter.getSnapshot();
    if (status === "live" && count !== undefined) onCount(count);
  });
}

function joinWithContract(options: VisitorOptions): () => void {
  const { port, page, onCount, heartbeatMs = HEARTBEAT_INTERVAL_MS } = options;
  const userId = randomUUID();
  const query = new URLSearchParams({ page, userId });
  const socket = new CountedWebSocket(`ws://127.0.0.1:${port}/ws?${query.toString()}`);
  let timer: ReturnType<typeof setInterval>;
  socket.on("open", () => {
    timer = setInterval(
      () => socket.send(serializeHeartbeat(userId, page, Date.now())),
      heartbeatMs,
    );
  });
  socket.on("message", (data) => {
    const count = Buffer.isBuffer(data) ? parseCount(data.toString()) : null;
    if (count !== null) onCount(count.count);
  });
  socket.on("close", () => clearInterval(timer));
  return () => socket.close(1000);
}
