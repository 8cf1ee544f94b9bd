// oxlint-disable unicorn/prefer-add-event-listener -- as one writes it
/**
 * The live count as one writes it in twenty lines without the package. It is here to be wrong: each
 * case in this folder is shown to fail with it.
 * @param show is given each count
 * @returns leaves the page
 */
export function countVisitors(endpoint: string, show: (count: number) => void): () => void {
  const userId = localStorage.getItem("user-id") ?? crypto.randomUUID();
  localStorage.setItem("user-id", userId);
  const pageUrl = location.origin + location.pathname;
  const query = new URLSearchParams({ page: pageUrl, userId });
  let socket: WebSocket;
  let hasLeft = false;
  function connect(): void {
    socket = new WebSocket(`${endpoint.replace("http", "ws")}/ws?${query}`);
    socket.onmessage = ({ data }) => show(JSON.parse(data).count);
    socket.onclose = () => {
      if (!hasLeft) setTimeout(connect, 1_000);
    };
  }
  connect();
  const beat = setInterval(() => {
    const heartbeat = { type: "heartbeat", userId, pageUrl, timestamp: Date.now() };
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(heartbeat));
  }, 20_000);
  return () => {
    hasLeft = true;
    clearInterval(beat);
    socket.close();
  };
}
