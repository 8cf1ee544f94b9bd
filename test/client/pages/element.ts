import { VisitorCountElement } from "../../../client/src/element.ts";
import { pageOptions } from "./page.ts";

const { endpoint = "" } = pageOptions();
for (const id of ["first", "second"]) {
  const element = new VisitorCountElement();
  element.id = id;
  element.setAttribute("endpoint", endpoint);
  document.body.append(element);
}
