/** A way to show a live count, as small as its package allows. */
export interface Subject {
  name: string;
  /** What to install: npm package to exact version. Nothing for what is ours or the browser's. */
  packages: Readonly<Record<string, string>>;
  /** What it leaves out, where that explains the size. */
  lacks?: string;
  /** An ES module that shows a live count by it. React is not bundled. */
  source: string;
  /** A part of the source that is not counted, as it is when minified. */
  caller?: string;
}

/** Bytes of a script. */
export interface Size {
  minified: number;
  /** The same, compressed by gzip at level 9. */
  gzipped: number;
}

/** A subject and how large it is, by the bundlers that most sites use. */
export interface Measured {
  subject: Subject;
  /** As Vite bundles, and as the client's limits are checked. */
  rolldown: Size;
  esbuild: Size;
}
