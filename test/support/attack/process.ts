import { ATTACKS } from "./attacks.ts";
import type { AttackAnswer, AttackRequest, Target } from "./protocol.ts";
import type { RawPeer } from "./raw-peer.ts";

/** One attack after the other, in a process of its own, so that it slows down nobody but the server. */
interface Running {
  readonly target: Target;
  readonly attack: (typeof ATTACKS)[keyof typeof ATTACKS];
  readonly peers: readonly RawPeer[];
  readonly stopping: AbortController;
  acts: readonly Promise<void>[];
  sent: number;
}

let running: Running | null = null;

async function answer(request: AttackRequest): Promise<AttackAnswer> {
  if (request.ask === "enter") {
    const attack = ATTACKS[request.attack];
    const peers = await attack.enter(request.target);
    const { target } = request;
    running = { target, attack, peers, stopping: new AbortController(), acts: [], sent: 0 };
  } else if (request.ask === "act" && running !== null) act(running);
  else if (request.ask === "finish") await Promise.all(running?.acts ?? []);
  else running?.stopping.abort();
  const state = stateOf(running);
  if (request.ask === "leave") for (const peer of running?.peers ?? []) peer.leave();
  return state;
}

function act(attackers: Running): void {
  const { attack, peers, target, stopping } = attackers;
  const task = {
    target,
    signal: stopping.signal,
    sent: (messages: number) => void (attackers.sent += messages),
  };
  attackers.acts = peers
    .filter(({ isConnected }) => isConnected)
    .flatMap((peer) => attack.act?.(peer, task) ?? []);
}

function stateOf(attackers: Running | null): AttackAnswer {
  const outcomes: Record<string, number> = {};
  const { peers = [], sent = 0 } = attackers ?? {};
  for (const peer of peers) outcomes[peer.outcome] = (outcomes[peer.outcome] ?? 0) + 1;
  return { connected: peers.filter(({ isConnected }) => isConnected).length, outcomes, sent };
}

process.on("message", (request: AttackRequest) => {
  void answer(request).then((state) => process.send?.(state));
});
process.once("disconnect", () => process.exit());
