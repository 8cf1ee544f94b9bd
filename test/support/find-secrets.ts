import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What a secret may be disguised as, each by its name. */
function disguises(secret: string): ReadonlyMap<string, string> {
  const encoded = encodeURIComponent(secret);
  return new Map([
    ["in clear", secret],
    ["in hexadecimal", Buffer.from(secret).toString("hex")],
    ...[0, 1, 2].flatMap((shift) => [
      [`in base64, shifted by ${shift}`, base64(secret, shift, "base64")] as const,
      [`in base64url, shifted by ${shift}`, base64(secret, shift, "base64url")] as const,
    ]),
    ...(encoded === secret ? [] : [["in a URL", encoded] as const]),
    ...(encoded === secret ? [] : [["in a form", encoded.replaceAll("%20", "+")] as const]),
  ]);
}

/** The characters that are the secret's own when `shift` bytes are before it and others after it. */
function base64(secret: string, shift: number, encoding: "base64" | "base64url"): string {
  const text = Buffer.from("x".repeat(shift) + secret)
    .toString(encoding)
    .replace(/=+$/, "");
  const first = Math.ceil((shift * 8) / 6);
  const last = Math.floor(((shift + Buffer.byteLength(secret)) * 8) / 6);
  return text.slice(first, last);
}

/**
 * Where secrets are in texts.
 * @param texts by what they are
 * @returns `<text>: <secret's name> <disguise>`
 */
export function findSecrets(
  texts: ReadonlyMap<string, string>,
  secrets: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const forms = [...disguises(secret)];
    return [...texts].flatMap(([place, text]) =>
      forms.flatMap(([form, value]) => (text.includes(value) ? [`${place}: ${name} ${form}`] : [])),
    );
  });
}

/** Every file of a folder, read as text whatever it is, but for those below the folders named. */
export async function textsIn(
  folder: string,
  leftOut: readonly string[] = [],
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (leftOut.includes(entry.name)) continue;
    if (entry.isDirectory()) {
      for (const [name, text] of await textsIn(path, leftOut)) texts.set(name, text);
    } else if (entry.isFile()) texts.set(path, await readFile(path, "latin1"));
  }
  return texts;
}
