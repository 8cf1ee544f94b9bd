import { IDLE } from "./connection.ts";
import { createVisitorCounter, type VisitorState } from "./index.ts";
import { isOptedOut } from "./visitor-id.ts";
import { toWords } from "./words.ts";

export type { VisitorState, VisitorStatus } from "./index.ts";

declare global {
  interface HTMLElementTagNameMap {
    "visitor-count": VisitorCountElement;
  }

  interface HTMLElementEventMap {
    visitorcount: CustomEvent<VisitorState>;
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

  /** Also after a move and for each attribute: looked at when a task has made all its changes. */
  connectedCallback(): void {
    queueMicrotask(() => {
      this.#leave?.();
      const counter =
        this.isConnected && this.getAttribute("enabled") !== "false"
          ? createVisitorCounter({
              endpoint: this.getAttribute("endpoint") ?? VisitorCountElement.endpoint,
              page: this.getAttribute("page") ?? undefined,
              visitorId: this.getAttribute("visitor-id") ?? undefined,
            })
          : undefined;
      const show = (): void => this.#show(counter?.getSnapshot() ?? IDLE);
      this.#leave = counter?.subscribe(show);
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
    this.dataset["status"] = state.status;
    this.#root.replaceChildren(...this.#write(state.count));
    if (this.#state === (this.#state = state)) return;
    this.dispatchEvent(new CustomEvent("visitorcount", { detail: state }));
  }

  #write(all: VisitorState["count"]): Node[] {
    if (all === undefined) return [part("text", document.createElement("slot"))];
    // Who is not counted is not among them.
    const count = this.hasAttribute("others") && all && !isOptedOut() ? all - 1 : all;
    // Without an empty part, which a style may have given a background.
    if (count < Number(this.getAttribute("minimum"))) return [];
    const [words, number] = toWords(
      count,
      (category) => this.getAttribute(category),
      this.closest<HTMLElement>("[lang]")?.lang,
    );
    const texts = words.split("{}");
    return [
      part(
        "text",
        ...texts.flatMap((text, index) => (index ? [part("count", number), text] : text)),
      ),
    ];
  }
}

function part(name: string, ...content: (string | Node)[]): HTMLElement {
  const span = document.createElement("span");
  span.setAttribute("part", name);
  span.append(...content);
  return span;
}

try {
  customElements.define("visitor-count", VisitorCountElement);
} catch {
  // On a server, or by another copy of this script.
}
