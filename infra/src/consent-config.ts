import type { Adoption } from "./adoption.ts";
import type { ConfigReader } from "./config-reader.ts";
import { isRecord } from "./is-record.ts";
import { isScriptName } from "./script-name.ts";

/** A script's name, or a class's. */
const NAME = /^[\w$][\w$-]{0,254}$/;

/** What may be destroyed on purpose: one name, or a list of them. */
export function readAllowDataLoss(reader: ConfigReader, protect: boolean): readonly string[] {
  if (!reader.has("allowDataLoss")) return [];
  const value = reader.structure("allowDataLoss");
  const names: readonly unknown[] = Array.isArray(value) ? value : [reader.text("allowDataLoss")];
  const wrong = names.find(
    (name) => typeof name !== "string" || !NAME.test(name) || isAnswer(name),
  );
  if (wrong !== undefined || names.length === 0) {
    const shown = typeof wrong === "string" ? `'${wrong}'` : JSON.stringify(value);
    reader.report(
      "allowDataLoss",
      `${shown} is not the name of a script or a Durable Object class; it names what may be destroyed`,
      reader.remove("allowDataLoss"),
    );
  } else if (protect) {
    reader.report(
      "allowDataLoss",
      `'${names.join("', '")}' has no effect while the script is protected; take the protection off in an update of its own first`,
      reader.set("protect", "false"),
    );
  }
  return names.filter((name) => typeof name === "string");
}

/** A yes is no name: it would not say what is meant. */
function isAnswer(name: string): boolean {
  return /^(?:true|false|yes|no)$/i.test(name);
}

/** The script of something else that may be taken over. */
export function readAdoption(reader: ConfigReader): Adoption | undefined {
  if (!reader.has("adopt")) return undefined;
  const value = reader.structure("adopt");
  const { script, renamedClasses = {}, ...others } = isRecord(value) ? value : {};
  if (typeof script !== "string" || !isScriptName(script)) {
    reader.report(
      "adopt",
      `${JSON.stringify(value)} does not name the script that may be taken over`,
      reader.set("adopt.script", "visitor-tracker"),
    );
    return undefined;
  }
  for (const key of Object.keys(others)) {
    const path = `adopt.${key}`;
    reader.report(path, "is not known; adopt has script and renamedClasses", reader.remove(path));
  }
  return { script, renamedClasses: readRenames(reader, renamedClasses) };
}

function readRenames(reader: ConfigReader, value: unknown): Adoption["renamedClasses"] {
  const entries = isRecord(value) ? Object.entries(value) : [];
  const pairs = entries.filter((pair): pair is [string, string] => typeof pair[1] === "string");
  const targets = new Set(pairs.map(([, to]) => to));
  if (!isRecord(value) || targets.size < entries.length) {
    reader.report(
      "adopt.renamedClasses",
      `${JSON.stringify(value)} does not give each deployed class a name of its own in this code`,
      reader.set("adopt.renamedClasses.VisitorCounter", "PageCounter"),
    );
  }
  return Object.fromEntries(pairs);
}
