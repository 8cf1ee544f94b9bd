import { readFile, writeFile } from "node:fs/promises";
import { renderToString } from "react-dom/server";
import { Article } from "./article.tsx";

// Runs after the build: puts the article into the page that was built.
const file = "dist/index.html";
const page = await readFile(file, "utf8");
await writeFile(file, page.replace("<!--article-->", renderToString(<Article />)));
