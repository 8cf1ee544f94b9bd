/** The page for people: what the account holds, what is asked of its API, and faults by button. */
import { scriptCards, zoneRows } from "./account.ts";
import { fetchSockets, fetchState, fetchStatus, reset } from "./control.ts";
import { byId, element, timeOf } from "./dom.ts";
import { offerFaults } from "./faults.ts";
import { followJournal } from "./journal.ts";

/** Sockets come and go without a request to the API. */
const LOOK_EVERY_MS = 2_000;
/** A deployment is several requests. */
const SETTLE_MS = 150;

const scripts = byId("scripts", HTMLElement);
const lookAtFaults = offerFaults();
let shown = "";

async function look(): Promise<void> {
  const [state, sockets, status] = await Promise.all([fetchState(), fetchSockets(), fetchStatus()]);
  const { apiUrl, edgeUrl, pid, startedAt, dir } = status;
  byId("run", HTMLElement).textContent =
    `API ${apiUrl} · edge ${edgeUrl ?? "starting"} · account ${status.accountId} · ` +
    `process ${pid} since ${timeOf(startedAt)} · ${dir ?? "in memory of this run"}`;
  await lookAtFaults();
  // Drawn again only when it differs: what a reader opened stays open.
  const now = JSON.stringify([state, sockets, edgeUrl]);
  if (now === shown) return;
  shown = now;
  const open = openSummaries();
  scripts.replaceChildren(...scriptCards(state, { edgeUrl, sockets }));
  byId("zones", HTMLElement).replaceChildren(...zoneRows(state));
  for (const details of scripts.querySelectorAll("details"))
    details.open = open.has(keyOf(details));
}

function openSummaries(): Set<string> {
  return new Set([...scripts.querySelectorAll<HTMLDetailsElement>("details[open]")].map(keyOf));
}

function keyOf({ dataset }: HTMLDetailsElement): string {
  return dataset["key"] ?? "";
}

/** Once at a time; asked for meanwhile, once more. */
function repeatedly(act: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const run = async (): Promise<void> => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    // The stream says that the local cloud is gone.
    await act().catch(() => undefined);
    running = false;
    if (again) {
      again = false;
      await run();
    }
  };
  return () => void run();
}

const lookAgain = repeatedly(look);
let settling: ReturnType<typeof setTimeout> | undefined;
followJournal(
  () => {
    clearTimeout(settling);
    settling = setTimeout(lookAgain, SETTLE_MS);
  },
  (isLost) => {
    byId("lost", HTMLElement).hidden = !isLost;
    if (!isLost) lookAgain();
  },
);
setInterval(() => {
  if (!document.hidden) lookAgain();
}, LOOK_EVERY_MS);
lookAgain();

byId("reset", HTMLButtonElement).addEventListener("click", () => {
  const question = element(
    "dialog",
    {},
    element("p", {}, "Delete all scripts, objects with their data, routes, domains and records?"),
    element(
      "form",
      { method: "dialog", class: "row" },
      element("button", { value: "" }, "Keep"),
      element("button", { value: "reset", class: "danger" }, "Reset"),
    ),
  );
  question.addEventListener("close", () => {
    if (question.returnValue === "reset") void reset().then(lookAgain);
    question.remove();
  });
  document.body.append(question);
  question.showModal();
});
