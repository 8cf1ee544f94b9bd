declare module "subject" {
  const worker: ExportedHandler<{ readonly [name: string]: unknown }>;
  export default worker;
}

/** Present under the compatibility flag `unsafe_module`, on a local workerd only. */
declare module "workerd:unsafe" {
  const unsafe: {
    evict(
      stub: DurableObjectStub,
      options: { readonly webSockets: "hibernate" | "close" },
    ): Promise<void>;
  };
  export default unsafe;
}
