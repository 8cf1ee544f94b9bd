const KEY = "count-consent";

const count = document.querySelector("visitor-count");
const banner = document.querySelector("#banner");
const withdraw = document.querySelector("#withdraw");

function apply(answer) {
  banner.hidden = answer !== null;
  withdraw.hidden = answer !== "yes";
  count.setAttribute("enabled", String(answer === "yes"));
}

function decide(answer) {
  localStorage.setItem(KEY, answer);
  if (answer === "no") localStorage.removeItem("visitor-tracker-id");
  apply(answer);
}

document.querySelector("#accept").addEventListener("click", () => decide("yes"));
document.querySelector("#decline").addEventListener("click", () => decide("no"));
withdraw.addEventListener("click", () => decide("no"));
apply(localStorage.getItem(KEY));
