import { countVisitors } from "../naive.ts";
import { pageOptions, record } from "./page.ts";

const { endpoint = "" } = pageOptions();
window.leave = countVisitors(endpoint, (count) => record({ count, status: "live" }));
