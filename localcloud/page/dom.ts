type Child = Node | string;

/** An element with text and elements in it; `attributes` as HTML has them, a function listens. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | ((event: Event) => void)>,
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "string") made.setAttribute(key, value);
    else made.addEventListener(key, value);
  }
  made.append(...children);
  return made;
}

/**
 * The page's element with this id.
 * @throws when index.html has none of this type
 */
export function byId<Type extends HTMLElement>(id: string, type: new () => Type): Type {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`index.html has no ${type.name} with the id '${id}'.`);
}

export function code(text: string): HTMLElement {
  return element("code", {}, text);
}

export function soft(text: string): HTMLElement {
  return element("span", { class: "soft" }, text);
}

/** `10:42:07`, where the reader is. */
export function timeOf(iso: string): string {
  return new Date(iso).toLocaleTimeString([], { hour12: false });
}

/** `1 script`, `2 scripts`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString()} ${noun}${count === 1 ? "" : "s"}`;
}
