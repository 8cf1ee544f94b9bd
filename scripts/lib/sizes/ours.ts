import type { Subject } from "./subject.ts";

/** The one that stands beside the peers, and is used as they are. */
export const OURS: Subject = {
  name: "`<VisitorCount>` of @visitor-tracker/client/react",
  packages: {},
  source: `
    import { VisitorCount } from "@visitor-tracker/client/react";
    import { createElement } from "react";
    export const Here = ({ endpoint }) => createElement(VisitorCount, { endpoint });
  `,
};

/** The parts of the package, as size-limit measures them for client/.size-limit.json. */
export const OUR_PARTS: readonly Subject[] = [
  part("core", "@visitor-tracker/client", "createVisitorCounter, getVisitorId"),
  part("hook", "@visitor-tracker/client/react", "useVisitorCount"),
  part("hook and component", "@visitor-tracker/client/react", "useVisitorCount, VisitorCount"),
  {
    name: "element: `@visitor-tracker/client/element`",
    packages: {},
    source: `import "@visitor-tracker/client/element";`,
  },
];

function part(name: string, from: string, imports: string): Subject {
  return {
    name: `${name}: \`${from}\``,
    packages: {},
    source: `import { ${imports} } from "${from}"; console.log(${imports});`,
    caller: "console.log();",
  };
}
