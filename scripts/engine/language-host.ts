// What the Pulumi CLI needs of `pulumi-language-nodejs`, the plugin that runs Node.js programs. The
// official one comes with the official download only. language-host-file.ts bundles this file.
import * as grpc from "@grpc/grpc-js";
import * as languageGrpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import { languageService } from "./language-host/service.ts";

/** Set by the bundler: the version of the SDK whose protocol this speaks. */
declare const LANGUAGE_HOST_VERSION: string;

function main(args: readonly string[]): void {
  if (args.includes("--version") || args.includes("-version")) {
    process.stdout.write(`v${LANGUAGE_HOST_VERSION}\n`);
    return;
  }
  // Flags such as --tracing come first; the engine's address is the only other argument.
  const engineAddress = args.find((argument) => !argument.startsWith("-")) ?? "";
  const service = languageService({ engineAddress, version: LANGUAGE_HOST_VERSION });
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  server.addService(languageGrpc.LanguageRuntimeService, service.handlers);

  const stop = (code: number): void => {
    service.cancel();
    server.forceShutdown();
    // Left open it would keep this process, and the engine waits five seconds for its end.
    process.stdin.destroy();
    process.exitCode = code;
  };
  process.once("SIGINT", () => stop(0));
  process.once("SIGTERM", () => stop(0));
  // The engine holds our standard input open for as long as it lives.
  if (engineAddress !== "") process.stdin.once("close", () => stop(0)).resume();

  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error === null) {
      process.stdout.write(`${port}\n`);
      return;
    }
    process.stderr.write(`${LANGUAGE_HOST}: cannot listen on 127.0.0.1: ${error.message}\n`);
    stop(1);
  });
}

const LANGUAGE_HOST = "pulumi-language-nodejs";

main(process.argv.slice(2));
