import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKOUT } from "../../scripts/lib/project.ts";

const PARTS = ["protocol", "worker", "infra"];
const FILES = ["Pulumi.yaml", "Pulumi.local.yaml", "package.json"];
const LEFT_OUT = /\/(node_modules|test|test-tcp|\.build|\.wrangler)(\/|$)/;

/** What a deployment needs of this checkout, copied to a folder of its own, to be edited at will. */
export class Checkout {
  readonly root: string;

  static async copy(): Promise<Checkout> {
    const root = await mkdtemp(join(tmpdir(), "visitor-tracker-checkout-"));
    for (const name of [...PARTS, ...FILES]) {
      const from = join(CHECKOUT, name);
      const isWanted = (path: string): boolean => !LEFT_OUT.test(path.slice(CHECKOUT.length));
      await cp(from, join(root, name), { recursive: true, filter: isWanted });
    }
    await linkModules(root);
    return new Checkout(root);
  }

  private constructor(root: string) {
    this.root = root;
  }

  /** Replaces the text in a file; it must be there. */
  async edit(
    file: string,
    from: string | RegExp,
    to: string | ((found: string) => string),
  ): Promise<void> {
    const path = join(this.root, file);
    const before = await readFile(path, "utf8");
    const after = before.replace(from, typeof to === "string" ? () => to : to);
    if (after === before) throw new Error(`${file} does not contain ${from}`);
    await writeFile(path, after);
  }

  async read(file: string): Promise<string> {
    return await readFile(join(this.root, file), "utf8");
  }

  async write(file: string, text: string): Promise<void> {
    await writeFile(join(this.root, file), text);
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

/** Our own packages are the copies; the others are those of this checkout. */
async function linkModules(root: string): Promise<void> {
  const [from, to] = [join(CHECKOUT, "node_modules"), join(root, "node_modules")];
  await mkdir(join(to, "@visitor-tracker"), { recursive: true });
  for (const name of await readdir(from)) {
    if (name !== "@visitor-tracker") await symlink(join(from, name), join(to, name));
  }
  for (const part of PARTS) await symlink(join(root, part), join(to, "@visitor-tracker", part));
}
