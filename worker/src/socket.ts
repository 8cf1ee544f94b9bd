import { MAX_MESSAGE_BYTES } from "@visitor-tracker/protocol";

const ENCODER = new TextEncoder();

/** Whether a text message has more than {@link MAX_MESSAGE_BYTES} bytes of UTF-8. */
export function isTooBig(message: string): boolean {
  return (
    message.length > MAX_MESSAGE_BYTES || ENCODER.encode(message).byteLength > MAX_MESSAGE_BYTES
  );
}

/** Sends unless the socket was closed from here; a peer that went away has its own event. */
export function sendQuietly(socket: WebSocket, message: string): void {
  try {
    socket.send(message);
  } catch {
    // Nobody reads it any more.
  }
}

/** Closes unless that has been done. */
export function closeQuietly(socket: WebSocket, code?: number, reason?: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // Closed from both sides already.
  }
}

/**
 * Completes the closing handshake: without it a client stays in CLOSING, since the runtime answers
 * by itself only for sockets that do not hibernate (seen at compatibility date 2026-11-01).
 * @param code as the close event gave it. Some stand for "none" (1005, 1006, 1015) or are not the
 * peer's to send (0, 1004, 5000): such a close is answered without one.
 */
export function answerClose(socket: WebSocket, code: number): void {
  try {
    socket.close(code);
  } catch {
    closeQuietly(socket);
  }
}
