import type { FaultRule } from "../src/fault-rule.ts";
import { type ActiveFaults, addFault, fetchFaults, removeFault, setLagMs } from "./control.ts";
import { byId, code, element } from "./dom.ts";

/** What goes wrong most, by button. */
const PRESETS: readonly (readonly [label: string, rule: FaultRule])[] = [
  ["Next upload fails", { method: "PUT", path: "/scripts/[^/]+$", status: 500 }],
  ["Next upload: answer lost", { method: "PUT", path: "/scripts/[^/]+$", drop: true, after: true }],
  ["Next request: too many", { status: 429, retryAfter: 2, message: "rate limited" }],
  ["Next request: connection closed", { drop: true }],
  ["Ten requests: 2 s late", { delayMs: 2_000, times: 10 }],
];

/** What `amount` means for each effect, and what it is at first; null where it means nothing. */
const AMOUNTS: Readonly<Record<string, readonly [label: string, value: string] | null>> = {
  status: ["Status", "500"],
  delay: ["Milliseconds", "2000"],
  drop: null,
  lost: null,
  truncate: null,
};

/** Shows the rules that are active, and lets them be added and removed. Returns what looks again. */
export function offerFaults(): () => Promise<void> {
  const error = byId("fault-error", HTMLElement);
  const run = async (act: () => Promise<ActiveFaults>): Promise<void> => {
    try {
      showActive(await act(), run);
      error.hidden = true;
    } catch (cause) {
      error.textContent = cause instanceof Error ? cause.message : String(cause);
      error.hidden = false;
    }
  };
  byId("presets", HTMLElement).append(
    ...PRESETS.map(([label, rule]) =>
      element("button", { click: () => void run(() => addFault(rule)) }, label),
    ),
  );
  offerForm(run);
  const lag = byId("lag", HTMLFormElement);
  lag.addEventListener("submit", (event) => {
    event.preventDefault();
    void run(() => setLagMs(Number(new FormData(lag).get("ms"))));
  });
  return async () => showActive(await fetchFaults(), run);
}

type Run = (act: () => Promise<ActiveFaults>) => Promise<void>;

function offerForm(run: Run): void {
  const form = byId("fault", HTMLFormElement);
  const amount = form.elements.namedItem("amount");
  form.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLSelectElement) || !(amount instanceof HTMLInputElement)) return;
    const meaning = AMOUNTS[target.value] ?? null;
    amount.disabled = meaning === null;
    if (meaning === null) return;
    [byId("amount-label", HTMLElement).textContent, amount.value] = meaning;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run(() => addFault(ruleOf(new FormData(form))));
  });
}

function ruleOf(form: FormData): FaultRule {
  const text = (name: string): string => {
    const value = form.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
  const amount = Number(text("amount"));
  const effects: Readonly<Record<string, FaultRule>> = {
    status: { status: amount },
    delay: { delayMs: amount },
    drop: { drop: true },
    lost: { drop: true, after: true },
    truncate: { truncate: true },
  };
  return {
    ...(text("method") === "" ? {} : { method: text("method").toUpperCase() }),
    ...(text("path") === "" ? {} : { path: text("path") }),
    ...effects[text("effect")],
    times: Number(text("times")),
  };
}

function showActive({ faults, eventualConsistencyMs }: ActiveFaults, run: Run): void {
  const rows = faults.map(({ id, times, skip, ...rule }) => {
    const left = `${times} left${skip > 0 ? `, after ${skip} more` : ""}`;
    return element(
      "li",
      {},
      element("button", { click: () => void run(() => removeFault(id)) }, "Remove"),
      code(JSON.stringify(rule)),
      element("span", { class: "soft" }, left),
    );
  });
  byId("active", HTMLElement).replaceChildren(...rows);
  const ms = byId("lag", HTMLFormElement).elements.namedItem("ms");
  if (ms instanceof HTMLInputElement && document.activeElement !== ms) {
    ms.value = String(eventualConsistencyMs);
  }
}
