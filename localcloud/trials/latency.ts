import { hello } from "../test/support/workers.ts";
import { SCRIPTS, type TrialClient, trialClient } from "./lib/client.ts";
import { startProcess } from "./lib/cloud-process.ts";
import { middle } from "./lib/middle.ts";
import { runTrial } from "./lib/trial-options.ts";

await runTrial({
  command: "node localcloud/trials/latency.ts",
  says: "Measures how long a start and a deploy take.",
  options: {
    starts: { says: "starts", value: 5, least: 1 },
    deploys: { says: "first uploads, each with one after it", value: 20, least: 1 },
  },
  run: async (valueOf, { dir }) => {
    await timeStarts(dir, valueOf("starts"));
    await timeDeploys(dir, valueOf("deploys"));
    return true;
  },
});

async function serves(client: TrialClient, name: string, text: string): Promise<void> {
  for (;;) {
    const reply = await client.visit(`${name}.local.workers.dev`, "/");
    if (reply.text === text) return;
  }
}

/** From sending the upload to the first answer of its code, in milliseconds. */
async function timeDeploy(client: TrialClient, name: string, text: string): Promise<number> {
  const began = performance.now();
  await client.upload(name, hello(text), {});
  await serves(client, name, text);
  return performance.now() - began;
}

function tell(what: string, times: readonly number[]): void {
  const [least, most] = [Math.min(...times), Math.max(...times)].map(Math.round);
  console.log(`${what.padEnd(44)} ${Math.round(middle(times))} ms (${least} to ${most})`);
}

async function timeStarts(dir: string, count: number): Promise<void> {
  const starts: number[] = [];
  for (let number = 0; number < count; number++) {
    const began = performance.now();
    const { process, ended } = await startProcess(dir);
    starts.push(performance.now() - began);
    process.kill("SIGTERM");
    await ended;
  }
  tell("start, process to ready", starts);
}

async function timeDeploys(dir: string, count: number): Promise<void> {
  const cloud = await startProcess(dir);
  const client = trialClient(cloud);
  const first: number[] = [];
  const again: number[] = [];
  for (let number = 0; number < count; number++) {
    const name = `app-${number}`;
    // The switch needs the script, and would count a request: the first deploy is timed to its answer.
    const began = performance.now();
    await client.upload(name, hello("one"), {});
    first.push(performance.now() - began);
    await client.result("POST", `${SCRIPTS}/${name}/subdomain`, { enabled: true });
    again.push(await timeDeploy(client, name, "two"));
    await client.result("DELETE", `${SCRIPTS}/${name}`);
  }
  tell("first upload of a script, sent to answered", first);
  tell("next upload, sent to served", again);
  client.close();
  cloud.process.kill("SIGTERM");
  await cloud.ended;
}
