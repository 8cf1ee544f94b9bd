import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { VisitorTrackerArgs } from "../../src/arguments.ts";
import { ARGUMENT_WORDS } from "../../src/setting-words.ts";
import { Tracker } from "../../src/visitor-tracker.ts";
import { copyBundle } from "./copy-bundle.ts";

export type { VisitorTrackerArgs };

/** A Worker that counts the visitors of pages, on your Cloudflare account, and what makes it reachable. */
export class VisitorTracker extends Tracker {
  constructor(name: string, args: VisitorTrackerArgs, opts?: ComponentResourceOptions) {
    super(name, args, { writeBundle: copyBundle, words: ARGUMENT_WORDS }, opts);
  }
}
