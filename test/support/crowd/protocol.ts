import type { CrowdLog } from "./log.ts";

/** What a crowd's process is started with. */
export interface CrowdOptions {
  /** Address of the deployment. */
  readonly base: string;
  /** What the visitors' browsers would say as their Origin. */
  readonly origin: string;
  /** A path of that origin. */
  readonly page: string;
  readonly visitors: number;
}

/** From the test to the crowd. */
export type CrowdRequest =
  | ({ readonly ask: "join" } & CrowdOptions)
  /** Answered once all are live and see how many they are, and `losses` were lost since `forget`. */
  | { readonly ask: "settle"; readonly losses: number }
  | { readonly ask: "forget" }
  | { readonly ask: "log" };

/** From the crowd to the test. */
export type CrowdAnswer =
  | { readonly answer: "settled"; readonly atMs: number }
  | { readonly answer: "forgotten" }
  | { readonly answer: "log"; readonly log: CrowdLog };
