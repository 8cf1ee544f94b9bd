import { createVisitorCounter } from "../../../client/src/index.ts";
import { pageOptions, record } from "./page.ts";

const counter = createVisitorCounter(pageOptions());
window.leave = counter.subscribe(() => record(counter.getSnapshot()));
record(counter.getSnapshot());
