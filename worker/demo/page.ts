/** What the Worker wrote into the page of its own settings. */
export interface PageSettings {
  /** Connections that one address may ask for in a minute. */
  readonly upgradesPerMinute: number;
  readonly staleAfterMs: number;
}

export function readSettings({ dataset }: HTMLElement): PageSettings {
  return {
    upgradesPerMinute: Number(dataset["upgradesPerMinute"]),
    staleAfterMs: Number(dataset["staleAfterMs"]),
  };
}

/** @throws Error when the page has no such element */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element '${id}'`);
  return found;
}

/** Writes only what changed: who reads the page with a screen reader is not interrupted. */
export function write(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}

export function setDisabled(id: string, isDisabled: boolean): void {
  byId(id).toggleAttribute("disabled", isDisabled);
}

/** Makes an element with this text. */
export function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

/** Lets the number jump, except for those who asked for less motion. */
export function jump(number: HTMLElement): void {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  number.animate({ transform: ["scale(1.08)", "none"] }, { duration: 250, easing: "ease-out" });
}
