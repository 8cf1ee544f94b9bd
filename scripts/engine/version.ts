import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The Go module that pins the Pulumi CLI; its go.mod is the one place where the version is written. */
export const GO_MODULE_DIR: string = fileURLToPath(new URL("go", import.meta.url));

/** The Go package of the Pulumi CLI. */
export const GO_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";

const GO_REQUIREMENT = /\bgithub\.com\/pulumi\/pulumi\/pkg\/v3 v(\d+\.\d+\.\d+)\b/;

export interface Version {
  major: number;
  minor: number;
  patch: number;
}

/** Reads `3.259.0`, `v3.259.0` and what a pre-release adds to them; anything else is null. */
export function parseVersion(text: string): Version | null {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(text.trim());
  if (match === null) return null;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) };
}

/** A CLI suits when it is of the pinned major version and not of an older minor one. */
export function isSuitable(found: Version, pinned: Version): boolean {
  return found.major === pinned.major && found.minor >= pinned.minor;
}

/** The pinned version of the Pulumi CLI, such as `3.259.0`, read from engine/go/go.mod. */
export function pinnedVersion(goModuleDir: string = GO_MODULE_DIR): string {
  const path = join(goModuleDir, "go.mod");
  const version = GO_REQUIREMENT.exec(readFileSync(path, "utf8"))?.[1];
  if (version === undefined) {
    throw new Error(`${path} does not require github.com/pulumi/pulumi/pkg/v3; restore the file.`);
  }
  return version;
}

/** The oldest Go release series that can build the CLI: `go 1.25.11` in go.mod gives 1.25. */
export function isGoSuitable(goVersion: string): boolean {
  const match = /^go(\d+)\.(\d+)/.exec(goVersion);
  if (match === null) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > 1 || (major === 1 && minor >= 25);
}
