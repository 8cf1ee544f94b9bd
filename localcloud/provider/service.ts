import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import type * as rpc from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { checkInputs } from "./check.ts";
import { checkConfig, readConfig } from "./config.ts";
import type { Env } from "./config.ts";
import { diffProperties, diffResource } from "./diff.ts";
import { ProviderError } from "./errors.ts";
import * as operations from "./operations.ts";
import { describePackage } from "./package-schema.ts";
import type { OperationContext, State } from "./resource.ts";
import { checkFailures, checkResponse, diffResponse } from "./responses.ts";
import type { Sessions } from "./sessions.ts";
import { unary } from "./unary.ts";
import type { CallContext } from "./unary.ts";
import { fromStruct, toStruct } from "./values.ts";
import { VERSION } from "./version.ts";

/** What all calls share. */
export interface ServiceOptions {
  readonly programDir: string;
  readonly env: Env;
  readonly sessions: Sessions;
}

/**
 * The calls of pulumirpc.ResourceProvider that an engine makes of a provider of custom resources;
 * gRPC answers the others with UNIMPLEMENTED.
 */
export function providerService(options: ServiceOptions): UntypedServiceImplementation {
  return { ...pluginCalls(options), ...configCalls(options), ...resourceCalls(options) };
}

function pluginCalls({ sessions }: ServiceOptions): UntypedServiceImplementation {
  return {
    handshake: unary(() => {
      const response = new pb.ProviderHandshakeResponse();
      return response.setAcceptSecrets(true);
    }),
    getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(VERSION)),
    getSchema: unary(() => new pb.GetSchemaResponse().setSchema(describePackage())),
    attach: unary(() => new empty.Empty()),
    cancel: unary((_request: unknown, { peer }) => {
      sessions.cancel(peer);
      return new empty.Empty();
    }),
  };
}

function configCalls({ env, sessions }: ServiceOptions): UntypedServiceImplementation {
  return {
    checkConfig: unary((request: rpc.CheckRequest) => {
      const inputs = fromStruct(request.getNews());
      return checkResponse(inputs, checkConfig(inputs, env));
    }),
    diffConfig: unary((request: rpc.DiffRequest) => {
      const olds = fromStruct(request.getOldInputs() ?? request.getOlds());
      return diffResponse(diffProperties(olds, fromStruct(request.getNews())));
    }),
    configure: unary((request: rpc.ConfigureRequest, { peer }) => {
      const config = readConfig(fromStruct(request.getArgs()), env);
      if (Array.isArray(config)) throw new ProviderError(config.join("\n"));
      sessions.configure(peer, config);
      const response = new pb.ConfigureResponse();
      return response.setAcceptsecrets(true).setSupportspreview(true);
    }),
  };
}

function resourceCalls(options: ServiceOptions): UntypedServiceImplementation {
  const { programDir } = options;
  return {
    check: unary(async (request: rpc.CheckRequest) => {
      const resource = operations.resourceFor(request.getUrn(), request.getType());
      const checked = await checkInputs(resource, fromStruct(request.getNews()), programDir);
      return checkResponse(checked.inputs, checked.complaints);
    }),
    diff: unary((request: rpc.DiffRequest) => {
      const resource = operations.resourceFor(request.getUrn(), request.getType());
      const ignoreChanges = request.getIgnorechangesList();
      const news = fromStruct(request.getNews());
      return diffResponse(diffResource(resource, stateOf(request), news, { ignoreChanges }));
    }),
    create: unary(async (request: rpc.CreateRequest, call) => {
      const resource = operations.resourceFor(request.getUrn(), request.getType());
      const context = request.getPreview() ? null : contextOf(options, call);
      const inputs = fromStruct(request.getProperties());
      const { id, outputs } = await operations.createResource(resource, context, inputs);
      return new pb.CreateResponse().setId(id).setProperties(toStruct(outputs));
    }),
    read: unary(async (request: rpc.ReadRequest, call) => readCall(options, request, call)),
    update: unary(async (request: rpc.UpdateRequest, call) => {
      const resource = operations.resourceFor(request.getUrn(), request.getType());
      const outputs = await operations.updateResource(
        resource,
        request.getPreview() ? null : contextOf(options, call),
        {
          id: request.getId(),
          state: stateOf(request),
          inputs: fromStruct(request.getNews()),
          ignoreChanges: request.getIgnorechangesList(),
        },
      );
      return new pb.UpdateResponse().setProperties(toStruct(outputs));
    }),
    delete: unary(async (request: rpc.DeleteRequest, call) => {
      const resource = operations.resourceFor(request.getUrn(), request.getType());
      const outputs = fromStruct(request.getProperties());
      await resource.delete(contextOf(options, call), request.getId(), outputs);
      return new empty.Empty();
    }),
    invoke: unary(async (request: rpc.InvokeRequest, call) => {
      const context = contextOf(options, call);
      const args = fromStruct(request.getArgs());
      const { result, complaints } = await operations.invokeFunction(
        request.getTok(),
        context,
        args,
      );
      return new pb.InvokeResponse()
        .setReturn(toStruct(result))
        .setFailuresList(checkFailures(complaints));
    }),
  };
}

async function readCall(
  options: ServiceOptions,
  request: rpc.ReadRequest,
  call: CallContext,
): Promise<rpc.ReadResponse> {
  const resource = operations.resourceFor(request.getUrn(), request.getType());
  const state = {
    inputs: fromStruct(request.getInputs()),
    outputs: fromStruct(request.getProperties()),
  };
  const context = contextOf(options, call);
  const observed = await operations.readResource(resource, context, request.getId(), state);
  const response = new pb.ReadResponse();
  if (observed === null) return response;
  return response
    .setId(observed.id)
    .setInputs(toStruct(observed.inputs))
    .setProperties(toStruct(observed.outputs));
}

function contextOf(
  { programDir, sessions }: ServiceOptions,
  { peer, gone }: CallContext,
): OperationContext {
  const signal = AbortSignal.any([gone, sessions.signal(peer)]);
  return { api: sessions.api(peer), programDir, signal };
}

/** An engine that sends no old inputs means that they are among the outputs. */
function stateOf(request: rpc.DiffRequest | rpc.UpdateRequest): State {
  const outputs = fromStruct(request.getOlds());
  return { inputs: request.hasOldInputs() ? fromStruct(request.getOldInputs()) : outputs, outputs };
}
