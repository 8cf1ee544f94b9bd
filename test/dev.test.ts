import { spawn, type ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { afterAll, beforeAll } from "vitest";
import { CHECKOUT } from "../scripts/lib/project.ts";
import { describeContract } from "./support/contract.ts";

let dev: ChildProcess;
let base: string;
beforeAll(async () => {
  const port = await freePort();
  base = `http://localhost:${port}`;
  dev = spawn("npm", ["run", "dev", "--", "--port", String(port)], {
    cwd: CHECKOUT,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  await printed(dev, /Ready on/);
});
afterAll(async () => {
  const ended = new Promise((resolve) => dev.once("exit", resolve));
  if (dev.pid !== undefined) process.kill(-dev.pid, "SIGINT");
  await ended;
});

describeContract("npm run dev", null, () => ({ base, origin: "https://any.example" }));

function printed(child: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        output += chunk.toString("utf8");
        if (pattern.test(output)) resolve();
      });
    }
    child.once("exit", (code) => reject(new Error(`npm run dev ended with ${code}: ${output}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        resolve(typeof address === "object" && address !== null ? address.port : 0),
      );
    });
  });
}
