import { resolve } from "node:path";
import grpc from "@grpc/grpc-js";
import rpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { RetryPolicy } from "./api/retry.ts";
import type { Env } from "./config.ts";
import { providerService } from "./service.ts";
import { Sessions } from "./sessions.ts";

/** A running stand-in for the Cloudflare provider. */
export interface RunningProvider {
  /** Port on 127.0.0.1, for `PULUMI_DEBUG_PROVIDERS=cloudflare:<port>`. */
  readonly port: number;
  /** Ends waits and calls in progress, then stops listening. */
  close(): Promise<void>;
}

/** How to start {@link startProvider}. */
export interface ProviderOptions {
  /** Folder of the Pulumi program: relative `contentFile` paths start there. */
  readonly programDir: string;
  /** @default 0, any free port */
  readonly port?: number;
  /** Where CLOUDFLARE_BASE_URL and CLOUDFLARE_API_TOKEN are looked up. @default process.env */
  readonly env?: Env;
  /** When requests are sent again. @default 10 times within 3.3 s */
  readonly retryPolicy?: RetryPolicy;
}

/** Requests hold a whole script, inline. The engine's own limit. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

/** A closing server waits this long for calls that were told to stop. */
const CLOSE_MS = 1000;

/**
 * Starts the stand-in in this process. It serves any number of engines and provider resources, and
 * refuses every base URL that is not a loopback address. Rejects when the port is taken.
 */
export async function startProvider(options: ProviderOptions): Promise<RunningProvider> {
  const { programDir, port = 0, env = process.env, retryPolicy } = options;
  const sessions = new Sessions({ policy: retryPolicy });
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  const service = providerService({ programDir: resolve(programDir), env, sessions });
  server.addService(rpc.ResourceProviderService, service);
  const bound = await bind(server, port);
  return {
    port: bound,
    close: () => {
      sessions.cancelAll();
      return shutDown(server);
    },
  };
}

function bind(server: grpc.Server, port: number): Promise<number> {
  const address = `127.0.0.1:${port}`;
  return new Promise((resolvePort, reject) => {
    server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) {
        resolvePort(bound);
        return;
      }
      reject(
        new Error(
          `the stand-in provider cannot listen on ${address} (${error.message}); ` +
            "leave out the option `port` to use any free one",
        ),
      );
    });
  });
}

function shutDown(server: grpc.Server): Promise<void> {
  return new Promise((done) => {
    const force = setTimeout(() => {
      server.forceShutdown();
    }, CLOSE_MS);
    server.tryShutdown(() => {
      clearTimeout(force);
      done();
    });
  });
}
