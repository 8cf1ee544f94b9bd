/** A place in a resource's properties: names and list indexes; "*" stands for any. */
export type PropertyPath = readonly (string | number)[];

/** Writes a path as the engine reads it: `bindings[1].json`, `headers["x-y"]`. */
export function formatPath(path: PropertyPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (!/^[A-Za-z_$][\w$]*$/.test(step)) text += `["${step.replace(/"/g, '\\"')}"]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}

/** Reads a path of `ignoreChanges`. Null when it is malformed. */
export function parsePath(text: string): PropertyPath | null {
  const steps: (string | number)[] = [];
  const token = /\.?([^.[\]"]+)|\[(\d+)\]|\[\*\]|\["((?:[^"\\]|\\.)*)"\]/y;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (match === null) return null;
    const [, name, index, quoted] = match;
    if (index !== undefined) steps.push(Number(index));
    else steps.push(name ?? quoted?.replace(/\\(.)/g, "$1") ?? "*");
  }
  return steps;
}

/** True when `inner` is `outer` itself or a place inside it. */
export function containsPath(outer: PropertyPath, inner: PropertyPath): boolean {
  return (
    outer.length <= inner.length && outer.every((step, i) => step === "*" || step === inner[i])
  );
}
