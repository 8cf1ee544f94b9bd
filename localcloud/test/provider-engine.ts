import { credentials } from "@grpc/grpc-js";
import type { ServiceError } from "@grpc/grpc-js";
import grpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import type * as rpc from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties } from "../provider/values.ts";

/** A token of the form that the real provider accepts. */
export const TOKEN = "local-cloud-token-0123456789abcdef0123456789abcdef";

/** One line of a diff: the path, and how it changes. */
export type DetailedDiff = Record<string, string>;

/** The answer to a call, or its gRPC error. */
export function settled<Response>(
  call: (done: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
  });
}

/** The engine's side of one connection, in plain values. */
export class Engine {
  readonly client: grpc.ResourceProviderClient;

  constructor(port: number) {
    this.client = new grpc.ResourceProviderClient(
      `127.0.0.1:${port}`,
      credentials.createInsecure(),
      // As separate engine processes do: no connection is shared.
      { "grpc.use_local_subchannel_pool": 1 },
    );
  }

  close(): void {
    this.client.close();
  }

  async checkConfig(news: Properties): Promise<string[]> {
    const request = new pb.CheckRequest().setNews(toStruct(news));
    const response = await settled<rpc.CheckResponse>((done) =>
      this.client.checkConfig(request, done),
    );
    return response.getFailuresList().map((failure) => failure.getReason());
  }

  async configure(args: Properties): Promise<void> {
    const request = new pb.ConfigureRequest().setArgs(toStruct(args));
    await settled<rpc.ConfigureResponse>((done) => this.client.configure(request, done));
  }

  async check(type: string, news: Properties): Promise<{ inputs: Properties; failures: string[] }> {
    const request = new pb.CheckRequest().setUrn(urn(type)).setNews(toStruct(news));
    const response = await settled<rpc.CheckResponse>((done) => this.client.check(request, done));
    const failures = response.getFailuresList().map((failure) => failure.getReason());
    return { inputs: fromStruct(response.getInputs()), failures };
  }

  async diff(
    type: string,
    state: { inputs: Properties; outputs?: Properties },
    news: Properties,
    options: { ignoreChanges?: string[] } = {},
  ): Promise<{ changed: boolean; replaces: string[]; detailed: DetailedDiff }> {
    const request = new pb.DiffRequest()
      .setUrn(urn(type))
      .setOldInputs(toStruct(state.inputs))
      .setOlds(toStruct(state.outputs ?? state.inputs))
      .setNews(toStruct(news))
      .setIgnorechangesList(options.ignoreChanges ?? []);
    const response = await settled<rpc.DiffResponse>((done) => this.client.diff(request, done));
    const kinds = Object.entries(pb.PropertyDiff.Kind);
    const detailed = response
      .getDetaileddiffMap()
      .getEntryList()
      .map(([path]) => {
        const kind = response.getDetaileddiffMap().get(path)?.getKind();
        return [path, kinds.find(([, value]) => value === kind)?.[0] ?? "?"] as const;
      });
    return {
      changed: response.getChanges() === pb.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: response.getReplacesList(),
      detailed: Object.fromEntries(detailed),
    };
  }

  async create(
    type: string,
    inputs: Properties,
    options: { preview?: boolean } = {},
  ): Promise<{ id: string; outputs: Properties }> {
    const request = new pb.CreateRequest()
      .setUrn(urn(type))
      .setProperties(toStruct(inputs))
      .setPreview(options.preview === true);
    const response = await settled<rpc.CreateResponse>((done) => this.client.create(request, done));
    return { id: response.getId(), outputs: fromStruct(response.getProperties()) };
  }

  async read(
    type: string,
    id: string,
    state: { inputs?: Properties; outputs?: Properties } = {},
  ): Promise<{ id: string; inputs: Properties; outputs: Properties }> {
    const request = new pb.ReadRequest()
      .setUrn(urn(type))
      .setId(id)
      .setInputs(toStruct(state.inputs ?? {}))
      .setProperties(toStruct(state.outputs ?? {}));
    const response = await settled<rpc.ReadResponse>((done) => this.client.read(request, done));
    return {
      id: response.getId(),
      inputs: fromStruct(response.getInputs()),
      outputs: fromStruct(response.getProperties()),
    };
  }

  async update(
    type: string,
    id: string,
    state: { inputs: Properties; outputs: Properties },
    news: Properties,
    options: { preview?: boolean } = {},
  ): Promise<Properties> {
    const request = new pb.UpdateRequest()
      .setUrn(urn(type))
      .setId(id)
      .setOldInputs(toStruct(state.inputs))
      .setOlds(toStruct(state.outputs))
      .setNews(toStruct(news))
      .setPreview(options.preview === true);
    const response = await settled<rpc.UpdateResponse>((done) => this.client.update(request, done));
    return fromStruct(response.getProperties());
  }

  async delete(type: string, id: string, outputs: Properties): Promise<void> {
    const request = new pb.DeleteRequest()
      .setUrn(urn(type))
      .setId(id)
      .setProperties(toStruct(outputs));
    await settled((done) => this.client.delete(request, done));
  }

  async invoke(
    token: string,
    args: Properties,
  ): Promise<{ result: Properties; failures: string[] }> {
    const request = new pb.InvokeRequest().setTok(token).setArgs(toStruct(args));
    const response = await settled<rpc.InvokeResponse>((done) => this.client.invoke(request, done));
    const failures = response.getFailuresList().map((failure) => failure.getReason());
    return { result: fromStruct(response.getReturn()), failures };
  }

  async cancel(): Promise<void> {
    await settled((done) => this.client.cancel(new empty.Empty(), done));
  }
}

/** A URN of a resource of this type, below a component. */
function urn(type: string): string {
  return `urn:pulumi:local::project::visitor-tracker:index:VisitorTracker$${type}::name`;
}

/** As the engine writes properties. */
export function toStruct(properties: Properties): Struct {
  return struct.Struct.fromJavaScript(properties);
}

/** Properties as they travel, marks included. */
function fromStruct(message: Struct | undefined): Properties {
  return message?.toJavaScript() ?? {};
}
