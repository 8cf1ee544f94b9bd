/**
 * The script that the Worker serves at `/live.js`, for pages without a build. It is a classic
 * script: only of these does a browser say where they came from.
 */
import { VisitorCountElement } from "./element.ts";

const script = document.currentScript;
// Written into a page, it has no address.
if (script instanceof HTMLScriptElement && script.src) {
  VisitorCountElement.endpoint = new URL(".", script.src).href;
}
