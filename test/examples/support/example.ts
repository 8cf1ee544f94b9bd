import { cp, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import { finish, Leash } from "./leash.ts";
import { installPacked } from "./packed.ts";

export const EXAMPLES: string = fileURLToPath(new URL("../../../examples/", import.meta.url));
/** Where all examples look for a counter, by HTTP and by WebSocket. */
const ADDRESS = "localhost:8788";
/** What builds and installs leave in a checkout. */
const MADE = /^(node_modules|dist|dist-server|\.next|\.astro|next-env\.d\.ts)$/;

/** A copy of an example, with its packages from the registry and the client as it was packed. */
export class Example implements AsyncDisposable {
  readonly #folder: string;
  readonly #servers: Leash[] = [];

  /** @param endpoint of the counter that takes the place of the one that is written there */
  static async install(name: string, endpoint: string): Promise<Example> {
    // Some bundlers compare paths as they were given with real ones.
    const parent = await realpath(await mkdtemp(join(tmpdir(), "visitor-tracker-example-")));
    const folder = join(parent, name);
    const example = new Example(folder);
    try {
      await cp(join(EXAMPLES, name), folder, {
        recursive: true,
        filter: (path) => !path.split("/").some((part) => MADE.test(part)),
      });
      await pointAt(folder, endpoint);
      await installPacked(folder, inject("tarball"));
    } catch (error) {
      await example[Symbol.asyncDispose]();
      throw error;
    }
    return example;
  }

  private constructor(folder: string) {
    this.#folder = folder;
  }

  run(script: string): Promise<void> {
    return finish(["npm", "run", script], this.#folder);
  }

  /** Starts a script that serves, at a free port. Resolves with the origin that it prints. */
  async serve(script: string): Promise<string> {
    const port = String(await freePort());
    const server = new Leash(["npm", "run", script, "--", "--port", port], this.#folder);
    this.#servers.push(server);
    return server.prints(new RegExp(`(http://localhost:${port})`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server.letGo();
    await rm(join(this.#folder, ".."), { recursive: true, force: true, maxRetries: 5 });
  }
}

async function pointAt(folder: string, endpoint: string): Promise<void> {
  let places = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, "utf8");
    if (!text.includes(ADDRESS)) continue;
    places++;
    await writeFile(file, text.replaceAll(ADDRESS, new URL(endpoint).host));
  }
  if (places === 0) throw new Error(`no file of ${folder} has the counter's address, ${ADDRESS}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
