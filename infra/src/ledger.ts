/** One entry of the ledger: what a script's Durable Object classes go through when it is uploaded. */
export interface Migration {
  /** Names the entry at Cloudflare, which remembers the last one that a script was uploaded with. */
  readonly tag: string;
  /** Classes to make namespaces for. Always SQLite: free accounts have no other, and it cannot be changed later. */
  readonly newSqliteClasses?: string[];
  /** Classes whose objects live on under another name. The binding's `className` changes in the same commit. */
  readonly renamedClasses?: ClassRename[];
  /** Classes whose objects are destroyed. */
  readonly deletedClasses?: string[];
}

interface ClassRename {
  readonly from: string;
  readonly to: string;
}

/**
 * The history of the Worker's Durable Object classes, oldest first. Append only: a tag that was
 * deployed once is never changed, moved or reused, since deployed scripts refer to it.
 */
export const LEDGER: readonly Migration[] = [
  { tag: "v1", newSqliteClasses: ["PageCounter"] },
  { tag: "v2", newSqliteClasses: ["SiteDirectory"] },
];
