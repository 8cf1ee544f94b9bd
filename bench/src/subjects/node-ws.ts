import { createServer } from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import { emptyMeter } from "../../workers/counters.ts";
import { answer } from "./child.ts";
import { listen } from "./listen.ts";

// A child process: a live count with `ws`, as its README broadcasts.

const meter = emptyMeter();
const server = createServer((_request, response) => response.end(JSON.stringify(meter)));
const sockets = new WebSocketServer({ server, perMessageDeflate: false });

function broadcast(): void {
  const count = sockets.clients.size;
  const message = JSON.stringify({ type: "count", count, timestamp: Date.now() });
  for (const client of sockets.clients) {
    if (client.readyState !== WebSocket.OPEN) continue;
    client.send(message);
    meter.sends++;
  }
}

sockets.on("connection", (socket) => {
  meter.fetches++;
  socket.on("error", () => meter.errors++);
  socket.on("message", () => meter.messages++);
  socket.on("close", () => {
    meter.closes++;
    broadcast();
  });
  broadcast();
});

answer({ listen: (port) => listen(server, Number(port)) });
