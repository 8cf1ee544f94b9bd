import { Config } from "@pulumi/pulumi";
import { VisitorTracker } from "@visitor-tracker/pulumi";

const config = new Config();

const count = new VisitorTracker("count", {
  accountId: config.requireSecret("accountId"),
  allowedOrigins: config.requireObject<string[]>("allowedOrigins"),
  customDomain: config.require("customDomain"),
});

export const url = count.url;
export const embed = count.embed;
