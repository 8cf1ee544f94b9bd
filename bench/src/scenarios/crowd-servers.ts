import { type Address, parseAddress } from "../subjects/address.ts";
import { bundleSpread } from "../subjects/bundle.ts";
import { type Child, startChild } from "../subjects/child.ts";

/** Several workerd processes that hold one namespace together. */
export interface CrowdServers extends AsyncDisposable {
  readonly addresses: readonly Address[];
}

/** @param count 1 or a power of 4, as shards are */
export async function startCrowdServers(count: number, settings: object): Promise<CrowdServers> {
  const bundle = await bundleSpread();
  await using stack = new AsyncDisposableStack();
  const hosts: Child[] = [];
  for (let index = 0; index < count; index++) {
    hosts.push(stack.use(startChild(new URL("../subjects/workerd-host.ts", import.meta.url))));
  }
  const addresses: Address[] = [];
  for (const host of hosts) {
    addresses.push(parseAddress(await host.call("start", { ...bundle, settings })));
  }
  const ports = addresses.map(({ port }) => port);
  for (const [own, port] of ports.entries()) {
    const body = JSON.stringify({ ports, own });
    await fetch(`http://127.0.0.1:${port}/__processes`, { method: "POST", body });
  }
  const owned = stack.move();
  return { addresses, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
