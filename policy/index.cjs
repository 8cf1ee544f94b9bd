// The engine's runner loads a pack by `require` and compiles TypeScript by a compiler of its own; a
// dynamic import leaves the sources to Node, which runs them as they are.
module.exports = () => import("./src/index.ts");
