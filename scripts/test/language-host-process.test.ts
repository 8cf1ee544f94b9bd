import { spawn, type ChildProcessByStdio } from "node:child_process";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import grpc from "@grpc/grpc-js";
import languageGrpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { bundleLanguageHost } from "../engine/language-host-file.ts";
import { ended } from "../lib/child.ts";
import { temporaryFolder, writeFiles } from "./support.ts";

type Client = InstanceType<typeof languageGrpc.LanguageRuntimeClient>;

let bundle = "";

beforeAll(async () => {
  bundle = await bundleLanguageHost();
});

interface Host {
  process: ChildProcessByStdio<Writable, Readable, null>;
  client: Client;
  folder: string;
}

/** Starts the bundled host, alone in a folder, as the engine does. */
async function startHost(): Promise<Host> {
  const folder = temporaryFolder();
  await writeFiles(folder, { "bin/pulumi-language-nodejs": bundle });
  const args = [join(folder, "bin/pulumi-language-nodejs"), "127.0.0.1:1"];
  const host = spawn(process.execPath, args, { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void host.kill("SIGKILL"));
  const port = await new Promise<string>((resolve) => {
    host.stdout.once("data", (data: Buffer) => resolve(data.toString().trim()));
  });
  const address = `127.0.0.1:${port}`;
  const client = new languageGrpc.LanguageRuntimeClient(address, grpc.credentials.createInsecure());
  onTestFinished(() => client.close());
  return { process: host, client, folder };
}

function programInfo(folder: string): language.ProgramInfo {
  const info = new language.ProgramInfo();
  info.setRootDirectory(folder);
  info.setProgramDirectory(folder);
  info.setEntryPoint(".");
  info.setOptions(struct.Struct.fromJavaScript({ typescript: false }));
  return info;
}

describe("the bundled language host", () => {
  test("answers without any package beside it", async () => {
    const { client } = await startHost();
    const version = await new Promise((resolve) => {
      client.getPluginInfo(new empty.Empty(), (_error, info) => resolve(info?.getVersion()));
    });
    expect(version).toBe("3.270.0");
  });

  test("runs a program and passes its exit code 32 on as a bail", async () => {
    const { client, folder } = await startHost();
    const runner = "node_modules/@pulumi/pulumi/cmd/run/index.js";
    await writeFiles(folder, { [runner]: "process.exit(32)" });
    const request = new language.RunRequest();
    request.setInfo(programInfo(folder));
    const response = await new Promise<language.RunResponse>((resolve, reject) => {
      client.run(request, (error, answer) => (error === null ? resolve(answer) : reject(error)));
    });
    expect([response.getBail(), response.getError()]).toEqual([true, ""]);
  });

  test("says which plugins it runs when it is asked for another", async () => {
    const { client } = await startHost();
    const request = new language.RunPluginRequest();
    request.setKind("converter");
    const refused = await new Promise((resolve) => {
      client.runPlugin(request).on("error", resolve).resume();
    });
    expect(refused).toMatchObject({
      details: expect.stringContaining(
        "runs no plugins of the kind 'converter', only policy packs",
      ),
    });
  });

  test("ends with the engine, which held its standard input open", async () => {
    const { process: host } = await startHost();
    host.stdin.end();
    expect(await ended(host)).toBe(0);
  });

  test("ends on an interrupt, with the program that it runs", async () => {
    const { process: host, client, folder } = await startHost();
    const runner = "node_modules/@pulumi/pulumi/cmd/run/index.js";
    await writeFiles(folder, { [runner]: "console.log('runs'); setInterval(() => {}, 1_000)" });
    const request = new language.RunRequest();
    request.setInfo(programInfo(folder));
    const runs = new Promise((resolve) => {
      host.stdout.once("data", (data: Buffer) => resolve(data.toString()));
    });
    client.run(request, () => {});
    expect(await runs).toBe("runs\n");
    host.kill("SIGINT");
    // Its output is the program's, too: it ends when both have.
    expect(await ended(host)).toBe(0);
  });
});
