import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CHECKOUT } from "../../scripts/lib/project.ts";

/** Commands of one section of a page, each a line of a block of the language `bash`. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

/** @param page under docs/ */
export async function sectionsOf(page: string): Promise<Section[]> {
  const text = await readFile(join(CHECKOUT, "docs", page), "utf8");
  return text.split(/^##+ /m).flatMap((section) => {
    const [title = ""] = section.split("\n");
    const blocks = [...section.matchAll(/^```bash\n([\s\S]*?)\n```$/gm)];
    const lines = blocks.flatMap(([, block = ""]) => block.split("\n"));
    return lines.length === 0 ? [] : [{ title, lines }];
  });
}
