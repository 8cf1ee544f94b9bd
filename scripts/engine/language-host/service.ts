import * as grpc from "@grpc/grpc-js";
import * as language from "@pulumi/pulumi/proto/language_pb.js";
import * as pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { install, planInstallation } from "./install.ts";
import { parseOptions } from "./options.ts";
import { findDependencies, findProviders } from "./packages.ts";
import { runPlugin } from "./plugin.ts";
import { runProgram, type ProgramRun } from "./program.ts";

export interface LanguageService {
  handlers: grpc.UntypedServiceImplementation;
  /** Ends the programs that run. */
  cancel(): void;
}

/**
 * The methods of the LanguageRuntime service that running a program and a policy pack takes. Those for
 * code generation and for packing are left out, so gRPC answers UNIMPLEMENTED.
 */
export function languageService(host: { engineAddress: string; version: string }): LanguageService {
  const cancelled = new AbortController();
  let { engineAddress } = host;
  const handlers: grpc.UntypedServiceImplementation = {
    handshake: unary((request: language.LanguageHandshakeRequest) => {
      engineAddress = request.getEngineAddress();
      return new language.LanguageHandshakeResponse();
    }),
    getPluginInfo: unary(() => {
      const info = new pluginProto.PluginInfo();
      info.setVersion(host.version);
      return info;
    }),
    getRequiredPackages: unary(requiredPackages),
    getProgramDependencies: unary(programDependencies),
    about: unary(about),
    runtimeOptionsPrompts: unary(() => new language.RuntimeOptionsResponse()),
    template: unary(() => new language.TemplateResponse()),
    run: unary((request: language.RunRequest, signal) =>
      run(request, engineAddress, AbortSignal.any([signal, cancelled.signal])),
    ),
    runPlugin: (call: PluginCall) => void plugin(call, cancelled.signal),
    installDependencies: (call: InstallCall) => void installDependencies(call, cancelled.signal),
    cancel: unary(() => {
      cancelled.abort();
      return new Empty();
    }),
  };
  return { handlers, cancel: () => cancelled.abort() };
}

type InstallCall = grpc.ServerWritableStream<
  language.InstallDependenciesRequest,
  language.InstallDependenciesResponse
>;

type PluginCall = grpc.ServerWritableStream<language.RunPluginRequest, language.RunPluginResponse>;

function requiredPackages(
  request: language.GetRequiredPackagesRequest,
): language.GetRequiredPackagesResponse {
  const response = new language.GetRequiredPackagesResponse();
  for (const provider of findProviders(request.getInfo()?.getProgramDirectory() ?? ".")) {
    const dependency = new pluginProto.PackageDependency();
    dependency.setKind("resource");
    dependency.setName(provider.name);
    dependency.setVersion(provider.version);
    dependency.setServer(provider.server);
    response.addPackages(dependency);
  }
  return response;
}

function programDependencies(
  request: language.GetProgramDependenciesRequest,
): language.GetProgramDependenciesResponse {
  const programDir = request.getInfo()?.getProgramDirectory() ?? ".";
  const response = new language.GetProgramDependenciesResponse();
  for (const found of findDependencies(programDir, request.getTransitivedependencies())) {
    const dependency = new language.DependencyInfo();
    dependency.setName(found.name);
    dependency.setVersion(found.version);
    response.addDependencies(dependency);
  }
  return response;
}

function about(request: language.AboutRequest): language.AboutResponse {
  const programDir = request.getInfo()?.getProgramDirectory() ?? ".";
  const typescript = findDependencies(programDir, true).find(({ name }) => name === "typescript");
  const response = new language.AboutResponse();
  response.setExecutable(process.execPath);
  response.setVersion(process.version);
  if (typescript !== undefined) response.getMetadataMap().set("typescript", typescript.version);
  return response;
}

async function run(
  request: language.RunRequest,
  engineAddress: string,
  signal: AbortSignal,
): Promise<language.RunResponse> {
  const response = new language.RunResponse();
  if (request.getAttachDebugger()) {
    response.setError(
      "This language host cannot attach a debugger; set the runtime option nodeargs to " +
        "--inspect-brk, or use the official Pulumi CLI.",
    );
    return response;
  }
  const end = await runProgram(programRun(request, engineAddress), signal);
  if (end.outcome === "bail") response.setBail(true);
  if (end.outcome === "error") response.setError(end.message);
  return response;
}

function programRun(request: language.RunRequest, engineAddress: string): ProgramRun {
  const info = request.getInfo();
  return {
    engineAddress,
    monitorAddress: request.getMonitorAddress(),
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    rootDir: info?.getRootDirectory() ?? "",
    programDir: info?.getProgramDirectory() ?? process.cwd(),
    entryPoint: info?.getEntryPoint() ?? ".",
    args: request.getArgsList(),
    config: Object.fromEntries(request.getConfigMap().toArray()),
    secretKeys: request.getConfigsecretkeysList(),
    isPreview: request.getDryrun(),
    parallel: request.getParallel(),
    options: info?.getOptions()?.toJavaScript() ?? {},
  };
}

async function installDependencies(call: InstallCall, signal: AbortSignal): Promise<void> {
  const send = (chunk: Buffer, stream: "stdout" | "stderr"): void => {
    const response = new language.InstallDependenciesResponse();
    if (stream === "stdout") response.setStdout(chunk);
    else response.setStderr(chunk);
    call.write(response);
  };
  try {
    const info = call.request.getInfo();
    const options = parseOptions(info?.getOptions()?.toJavaScript() ?? {});
    const installation = planInstallation(info?.getProgramDirectory() ?? ".", options);
    send(Buffer.from(`Installing dependencies with ${installation.manager}...\n\n`), "stdout");
    await install(
      installation,
      { stdout: (chunk) => send(chunk, "stdout"), stderr: (chunk) => send(chunk, "stderr") },
      signal,
    );
    send(Buffer.from("Finished installing dependencies\n\n"), "stdout");
    call.end();
  } catch (error) {
    call.emit("error", asServiceError(error));
  }
}

async function plugin(call: PluginCall, signal: AbortSignal): Promise<void> {
  const givenUp = new AbortController();
  call.on("cancelled", () => givenUp.abort());
  const send = (fill: (response: language.RunPluginResponse) => void): void => {
    const response = new language.RunPluginResponse();
    fill(response);
    call.write(response);
  };
  const { request } = call;
  try {
    const code = await runPlugin(
      {
        kind: request.getKind(),
        programDir: request.getInfo()?.getProgramDirectory() ?? request.getProgram(),
        args: request.getArgsList(),
        env: request.getEnvList(),
      },
      {
        stdout: (chunk) => send((response) => response.setStdout(chunk)),
        stderr: (chunk) => send((response) => response.setStderr(chunk)),
      },
      AbortSignal.any([givenUp.signal, signal]),
    );
    send((response) => response.setExitcode(code));
    call.end();
  } catch (error) {
    call.emit("error", asServiceError(error));
  }
}

/** The signal is aborted when the engine gives the call up. */
function unary<Request, Response>(
  handle: (request: Request, signal: AbortSignal) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const givenUp = new AbortController();
    call.on("cancelled", () => givenUp.abort());
    const answer = async (): Promise<void> => {
      try {
        callback(null, await handle(call.request, givenUp.signal));
      } catch (error) {
        callback(asServiceError(error));
      }
    };
    void answer();
  };
}

function asServiceError(error: unknown): Error & { code: grpc.status; details: string } {
  const details = error instanceof Error ? error.message : String(error);
  return Object.assign(new Error(details), { code: grpc.status.UNKNOWN, details });
}
