import { createServer } from "node:http";
import { Server } from "socket.io";
import { emptyMeter } from "../../workers/counters.ts";
import { answer } from "./child.ts";
import { listen } from "./listen.ts";

// A child process: a live count with Socket.IO, as its documentation has it, without compression
// (its own default) and over WebSocket alone.

const meter = emptyMeter();
const server = createServer((_request, response) => response.end(JSON.stringify(meter)));
const io = new Server(server, { serveClient: false, transports: ["websocket"] });

function broadcast(): void {
  const count = io.of("/").sockets.size;
  io.emit("count", { type: "count", count, timestamp: Date.now() });
  meter.sends += count;
}

io.on("connection", (socket) => {
  meter.fetches++;
  socket.on("heartbeat", () => meter.messages++);
  socket.on("disconnect", () => {
    meter.closes++;
    broadcast();
  });
  broadcast();
});

answer({ listen: (port) => listen(server, Number(port)) });
