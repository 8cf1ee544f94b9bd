import { IDLE } from "./connection.ts";
import { createVisitorCounter, type VisitorState } from "./index.ts";
import { isOptedOut } from "./visitor-id.ts";
import { toWords } from "./words.ts";

export type { VisitorState, VisitorStatus } from "./index.ts";

declare global {
  interface HTMLElementTagNameMap {
    "visitor-count": VisitorCountElement;
  }
}

/** Servers have no elements; there nobody makes one. */
const Base: typeof HTMLElement = globalThis.HTMLElement ?? Object;

/**
 * `<visitor-count>`: the number of visitors on a page, in words where attributes give them. Its
 * content stands in until the first count.
 *
 * Fires `visitorcount`, a `CustomEvent` with the state as its `detail`, whenever that changes. It
 * is not a live region: a screen reader is not interrupted by each visitor who comes and goes.
 */
export class VisitorCountElement extends Base {
  /** Base URL of the Worker for elements without an `endpoint`. @default the page's own origin */
  static endpoint: string | undefined;
  static readonly observedAttributes: readonly string[] =
    "endpoint page visitor-id enabled minimum others lang zero one two few many other".split(" ");

  #state = IDLE;
  #leave: (() => void) | undefined;
  readonly #root = this.attachShadow({ mode: "open" });

  /** Distinct visitors on the page, this one among them; `undefined` until the first count. */
  get count(): VisitorState["count"] {
    return this.#state.count;
  }

  get status(): VisitorState["status"] {
    return this.#state.status;
  }

  /** Also after a move and for each attribute: what they amount to is looked at once, after all. */
  connectedCallback(): void {
    queueMicrotask(() => {
      const counter = createVisitorCounter({
        endpoint: this.getAttribute("endpoint") ?? VisitorCountElement.endpoint,
        page: this.getAttribute("page") ?? undefined,
        visitorId: this.getAttribute("visitor-id") ?? undefined,
      });
      const isOn = this.isConnected && this.getAttribute("enabled") !== "false";
      const show = (): void => this.#show(isOn ? counter.getSnapshot() : IDLE);
      this.#leave?.();
      this.#leave = isOn ? counter.subscribe(show) : undefined;
      show();
    });
  }

  disconnectedCallback(): void {
    this.connectedCallback();
  }

  attributeChangedCallback(): void {
    this.connectedCallback();
  }

  #show(state: VisitorState): void {
    const content =
      state.count === undefined ? [document.createElement("slot")] : this.#write(state.count);
    this.dataset["status"] = state.status;
    // Without an empty part, which a style may have given a background.
    this.#root.replaceChildren(...(content.length ? [part("text", ...content)] : []));
    if (this.#state === (this.#state = state)) return;
    this.dispatchEvent(new CustomEvent("visitorcount", { detail: state }));
  }

  #write(all: number): (string | Node)[] {
    // Who is not counted is not among them.
    const count = all - Number(this.hasAttribute("others") && !isOptedOut());
    if (count < Number(this.getAttribute("minimum"))) return [];
    const lang = this.closest<HTMLElement>("[lang]")?.lang;
    const words = toWords(count, (category) => this.getAttribute(category), lang);
    return words.map((text, index) => (index % 2 ? part("count", text) : text));
  }
}

function part(name: string, ...content: (string | Node)[]): HTMLElement {
  const span = document.createElement("span");
  span.setAttribute("part", name);
  span.append(...content);
  return span;
}

if (globalThis.customElements && !customElements.get("visitor-count")) {
  customElements.define("visitor-count", VisitorCountElement);
}
