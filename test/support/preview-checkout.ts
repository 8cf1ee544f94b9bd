import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture, type Captured } from "../../scripts/lib/child.ts";
import { CHECKOUT } from "../../scripts/lib/project.ts";
import { Checkout } from "./checkout.ts";

const SCRIPTS = ["scripts", "localcloud"];
const LEFT_OUT = /\/(node_modules|test)(\/|$)/;
const IDENTITY = ["-c", "user.name=test", "-c", "user.email=test@example.com"];

/** What the preview must not have unless a test gives it. */
const CREDENTIALS = /^(CLOUDFLARE_|PULUMI_|AWS_|GITHUB_)/;

/** A repository of its own with one commit, in which `npm run preview` runs as a person starts it. */
export class PreviewCheckout {
  readonly checkout: Checkout;
  /** Where its previews put what they need for a while. */
  readonly #temporary: string;

  /** @param files that the commit has besides, by their paths */
  static async make(files: Readonly<Record<string, string>>): Promise<PreviewCheckout> {
    const checkout = await Checkout.copy();
    const { root } = checkout;
    for (const part of SCRIPTS) {
      const isWanted = (path: string): boolean => !LEFT_OUT.test(path.slice(CHECKOUT.length));
      await cp(join(CHECKOUT, part), join(root, part), { recursive: true, filter: isWanted });
    }
    const ignored = "node_modules\n.build\n";
    for (const [path, text] of Object.entries({ ".gitignore": ignored, ...files })) {
      await writeFile(join(root, path), text);
    }
    const temporary = await mkdtemp(join(tmpdir(), "visitor-tracker-temporary-"));
    const made = new PreviewCheckout(checkout, temporary);
    await made.git("init", "--quiet", "--initial-branch=main");
    await made.commit("base");
    return made;
  }

  private constructor(checkout: Checkout, temporary: string) {
    this.checkout = checkout;
    this.#temporary = temporary;
  }

  async git(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await capture("git", [...IDENTITY, ...args], {
      cwd: this.checkout.root,
    });
    if (code !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  async commit(message: string): Promise<void> {
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--no-gpg-sign", `--message=${message}`);
  }

  /** `npm run preview -- <args>`. @param env what it has of Cloudflare's and Pulumi's variables */
  async preview(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Captured> {
    const others = Object.entries(process.env).filter(([name]) => !CREDENTIALS.test(name));
    return await capture(process.execPath, ["scripts/preview.ts", ...args], {
      cwd: this.checkout.root,
      env: { ...Object.fromEntries(others), TMPDIR: this.#temporary, ...env },
    });
  }

  /** Folders that previews have left behind. */
  async left(): Promise<string[]> {
    const names = await readdir(this.#temporary);
    return names.filter((name) => name.startsWith("visitor-tracker-preview-"));
  }

  async remove(): Promise<void> {
    await rm(this.#temporary, { recursive: true, force: true });
    await this.checkout.remove();
  }
}
