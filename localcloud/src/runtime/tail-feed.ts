import { messageOf } from "../lib/unknown.ts";
import type { TailDelivery } from "./tail-worker.ts";

/** Deliveries that may wait for one Tail Worker. Past it they are left out until it has caught up. */
const MAX_WAITING = 100;

/**
 * Gives events to Tail Workers; the scripts that they are about do not wait for it. `deliver` resolves when
 * the Tail Worker has handled them.
 */
export function createTailFeed(
  deliver: (consumer: string, delivery: TailDelivery) => Promise<void>,
  log: (text: string) => void,
): (delivery: TailDelivery) => void {
  const waiting = new Map<string, number>();
  async function feed(consumer: string, delivery: TailDelivery): Promise<void> {
    const before = waiting.get(consumer) ?? 0;
    if (before >= MAX_WAITING) {
      log(`The Tail Worker '${consumer}' is too slow: an event was left out.`);
      return;
    }
    waiting.set(consumer, before + 1);
    try {
      await deliver(consumer, delivery);
    } catch (error) {
      log(`The Tail Worker '${consumer}' did not get an event: ${messageOf(error)}`);
    } finally {
      const left = (waiting.get(consumer) ?? 1) - 1;
      if (left === 0) waiting.delete(consumer);
      else waiting.set(consumer, left);
    }
  }
  return (delivery) => {
    for (const consumer of delivery.consumers) void feed(consumer, delivery);
  };
}
