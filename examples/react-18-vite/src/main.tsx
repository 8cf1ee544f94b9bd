import { StrictMode } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { Article } from "./article.tsx";

const root = document.querySelector("#root");
if (root === null) throw new Error("index.html has no element with the id root");
const page = (
  <StrictMode>
    <Article />
  </StrictMode>
);
if (root.firstElementChild === null) createRoot(root).render(page);
else hydrateRoot(root, page);
