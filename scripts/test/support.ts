import { mkdtempSync, rmSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Reporter } from "../lib/reporter.ts";

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "scripts-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files, with the folders they need; those that begin with `#!` can be executed. */
export async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    if (content.startsWith("#!")) await chmod(path, 0o755);
  }
}

/** An executable that does what a shell script says. */
export function shell(...lines: string[]): string {
  return ["#!/bin/sh", ...lines, ""].join("\n");
}

export interface RecordingReporter extends Reporter {
  lines: string[];
}

export function recordingReporter(): RecordingReporter {
  const lines: string[] = [];
  const add = (text: string): void => void lines.push(text);
  return { lines, line: add, status: add };
}

/**
 * An HTTP server on a free port of 127.0.0.1.
 * @param whenDone when it ends. @default after the test
 */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  whenDone: (end: () => void) => void = onTestFinished,
): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  whenDone(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${portOf(server.address())}`;
}

export function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string")
    throw new Error("the server does not listen");
  return address.port;
}

/** Nothing listens there: port 1 belongs to root, and nobody uses it. */
export const UNREACHABLE = "http://127.0.0.1:1";
