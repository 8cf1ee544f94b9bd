import { createVisitorCounter, type VisitorCounter, type VisitorState } from "./index.ts";

/** Servers have no elements; there the class is never made. */
const Base: typeof HTMLElement =
  typeof HTMLElement === "undefined" ? (class {} as typeof HTMLElement) : HTMLElement;

/** `<visitor-count>`: the number of visitors on the page. */
export class VisitorCountElement extends Base {
  /** Base URL of the Worker for elements without an `endpoint`. @default the page's own origin */
  static endpoint: string | undefined;
  #counter: VisitorCounter | undefined;
  #leave: (() => void) | undefined;

  get count(): VisitorState["count"] {
    return this.#counter?.getSnapshot().count;
  }

  get status(): VisitorState["status"] {
    return this.#counter?.getSnapshot().status ?? "idle";
  }

  connectedCallback(): void {
    const endpoint = this.getAttribute("endpoint") ?? VisitorCountElement.endpoint;
    const page = this.getAttribute("page") ?? undefined;
    this.#counter = createVisitorCounter({ endpoint, page });
    this.#leave = this.#counter.subscribe(() => {
      this.dataset["status"] = this.status;
      if (this.count !== undefined) this.textContent = this.count.toLocaleString();
    });
  }

  disconnectedCallback(): void {
    this.#leave?.();
  }
}

if (typeof customElements !== "undefined" && !customElements.get("visitor-count")) {
  customElements.define("visitor-count", VisitorCountElement);
}
