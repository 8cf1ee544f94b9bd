import { parseAddress } from "../subjects/address.ts";
import { startChild } from "../subjects/child.ts";
import { type LoadGenerator, startLoad } from "./load.ts";
import type { BlastOptions } from "./responder.ts";
import type { Usage } from "./usage.ts";

interface Rate {
  readonly perSecond: number;
  readonly generator: Usage;
}

/** What the load generator can take from a server that does nothing else. */
export interface Calibration {
  readonly handshakes: Rate;
  /** Each message written by itself, as the measured servers do. */
  readonly messages: Rate;
  /** Eight written together: this server is not the bottleneck either. */
  readonly batchedMessages: Rate;
}

const SOCKETS = 1_000;
const HANDSHAKES = 4_000;
const ROUNDS = 400;
const TIMEOUT_MS = 60_000;

export async function calibrate(): Promise<Calibration> {
  await using responder = startChild(new URL("responder.ts", import.meta.url));
  await using load = startLoad();
  const { port } = parseAddress(await responder.call("listen", 0));
  const open = (size: number): Promise<void> =>
    load.open({ ports: [port], page: `/${size}`, dialect: "contract" });

  await open(HANDSHAKES);
  const handshakes = await rate(load, HANDSHAKES, async () => {
    const { shownMs } = await load.join({ count: HANDSHAKES, timeoutMs: TIMEOUT_MS });
    return shownMs !== null;
  });
  await load.drop();
  await open(SOCKETS);
  await load.join({ count: SOCKETS, timeoutMs: TIMEOUT_MS });
  const blast = (options: BlastOptions): Promise<Rate> =>
    rate(load, SOCKETS * options.rounds, async () => {
      void responder.call("blast", options);
      return load.sees({ count: options.rounds, timeoutMs: TIMEOUT_MS });
    });
  const messages = await blast({ rounds: ROUNDS, together: 1 });
  const batchedMessages = await blast({ rounds: 4 * ROUNDS, together: 8 });
  return { handshakes, messages, batchedMessages };
}

async function rate(
  load: LoadGenerator,
  amount: number,
  act: () => Promise<boolean>,
): Promise<Rate> {
  await load.usage();
  if (!(await act())) throw new Error("the load generator did not get through its own calibration");
  const generator = await load.usage();
  return { perSecond: (amount * 1_000) / generator.wallMs, generator };
}
