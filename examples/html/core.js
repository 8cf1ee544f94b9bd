import { createVisitorCounter } from "@visitor-tracker/client";

const counter = createVisitorCounter({ endpoint: "http://localhost:8788" });
const readers = document.querySelector("#readers");
const button = document.querySelector("#switch");

function show() {
  const { count, status } = counter.getSnapshot();
  readers.dataset.status = status;
  readers.textContent = count?.toLocaleString() ?? "some";
}

let leave = counter.subscribe(show);

button.addEventListener("click", () => {
  if (leave) {
    leave();
    leave = undefined;
    button.textContent = "Start";
  } else {
    leave = counter.subscribe(show);
    button.textContent = "Stop";
  }
});
