import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { startLocalCloud, type LocalCloud } from "../localcloud/src/index.ts";
import { Chromium, type Tab } from "./support/chromium.ts";

/** The local cloud's page for people, in real Chromium. `SCREENSHOTS` names a folder for pictures. */
let cloud: LocalCloud;
let chromium: Chromium;
let tab: Tab;
beforeAll(async () => {
  cloud = await startLocalCloud({ port: 0, edgePort: 0 });
  await upload("shop", "first");
  chromium = await Chromium.launch();
  tab = await chromium.open("about:blank", await chromium.newContext());
  await tab.navigate(new URL(cloud.apiUrl).origin);
  await tab.shows(textOf("#scripts h3"), "shop");
});
afterAll(async () => {
  await chromium.close();
  await cloud.close();
});

const ECHO = `export default { fetch() {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  return new Response(null, { status: 101, webSocket: client });
} };`;

async function upload(script: string, message: string, code = answering(message)): Promise<number> {
  const form = new FormData();
  const metadata = { main_module: "worker.js", annotations: { "workers/message": message } };
  form.set("worker.js", new File([code], "worker.js", { type: "application/javascript+module" }));
  form.set("metadata", new Blob([JSON.stringify(metadata)], { type: "application/json" }));
  const init = { method: "PUT", headers: AUTHORIZED, body: form };
  return (await fetch(scriptUrl(script), init)).status;
}

const AUTHORIZED = { authorization: "Bearer local" };

function scriptUrl(script: string): string {
  return `${cloud.apiUrl}/accounts/${cloud.accountId}/workers/scripts/${script}`;
}

async function visitChat(path: string): Promise<void> {
  const headers = { host: "chat.local.workers.localhost" };
  const url = `${cloud.edgeUrl.replace("http", "ws")}${path}`;
  await once(new WebSocket(url, { headers }), "open");
}

function answering(message: string): string {
  return `export default { fetch: () => new Response(${JSON.stringify(message)}) };`;
}

function textOf(selector: string): string {
  return `document.querySelector(${JSON.stringify(selector)})?.textContent.trim()`;
}

async function press(label: string): Promise<void> {
  const button = `[...document.querySelectorAll("button")].find((each) => each.textContent === ${JSON.stringify(label)})`;
  await tab.evaluate(`${button}.click()`);
}

test("a deployment is on the page as soon as it is made, and so are its requests", async () => {
  await upload("shop", "second");
  await tab.shows(textOf("#scripts dd div"), "100% version 2 second");
  await tab.shows(textOf("#entries summary strong"), "PUT");
  expect(await tab.evaluate(textOf("#entries .good"))).toBe("200");
});

test("a fault by button fails the next upload and is used up", async () => {
  await press("Next upload fails");
  await tab.shows(textOf("#active code"), '{"method":"PUT","path":"/scripts/[^/]+$","status":500}');
  expect(await upload("shop", "third")).toBe(500);
  await tab.shows(textOf("#entries .note"), "fault");
  await tab.shows("document.querySelector('#active').childElementCount", 0);
  expect(await upload("shop", "third")).toBe(200);
});

test("a rule that is wrong is refused in the local cloud's own words", async () => {
  await tab.evaluate("document.querySelector('#fault [name=path]').value = '('");
  await press("Add");
  await tab.shows(`${textOf("#fault-error")}.startsWith('fault.path: "(" is not allowed')`, true);
  expect(cloud.faults.list()).toEqual([]);
});

test("a script's WebSockets are listed as they come, and the list stays open", async () => {
  await upload("chat", "", ECHO);
  await fetch(`${scriptUrl("chat")}/subdomain`, {
    method: "POST",
    headers: AUTHORIZED,
    body: JSON.stringify({ enabled: true }),
  });
  await visitChat("/lobby");
  const summary = "[data-key='sockets chat'] summary";
  await tab.shows(textOf(summary), "1 open");
  await tab.evaluate(`document.querySelector(${JSON.stringify(summary)}).click()`);
  await visitChat("/kitchen");
  await tab.shows(textOf(summary), "2 open");
  const list = "[data-key='sockets chat'][open] code";
  expect(await tab.evaluate(textOf(list))).toBe("http://chat.local.workers.localhost/kitchen");
});

test("the filter leaves the requests that have all of its words", async () => {
  await tab.evaluate(`(() => {
    const filter = document.querySelector("#filter");
    filter.value = "put 500";
    filter.dispatchEvent(new Event("input"));
  })()`);
  const shown = "document.querySelectorAll('#entries > li:not([hidden])').length";
  await tab.shows(shown, 1);
});

test("the page fits a phone, in light and dark", async () => {
  const metrics = { width: 360, height: 740, deviceScaleFactor: 2, mobile: true };
  await tab.send("Emulation.setDeviceMetricsOverride", metrics);
  for (const value of ["light", "dark"]) {
    await tab.send("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value }],
    });
    expect(await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    const folder = process.env["SCREENSHOTS"];
    if (folder !== undefined) await tab.screenshot(`${folder}/localcloud-${value}.png`);
  }
});

test("a reset asks first, and empties the account", async () => {
  await press("Reset…");
  await press("Keep");
  await tab.shows("document.querySelector('dialog')", null);
  expect(await tab.evaluate(textOf("#scripts h3"))).toBe("shop");
  await press("Reset…");
  await press("Reset");
  await tab.shows(textOf("#scripts"), "Nothing is deployed.");
});
