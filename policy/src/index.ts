/** The policy pack: what any deployment must keep to, for those who enforce it by policy. */
import { PolicyPack } from "@pulumi/policy";
import { POLICIES } from "./policies.ts";

export const pack: PolicyPack = new PolicyPack("visitor-tracker", { policies: [...POLICIES] });
