import { SERVICES } from "./peers-services.ts";
import type { Subject } from "./subject.ts";

/** Shows the count of a message `{"count":n}`, by a socket that the subject opens. */
const component = (imports: string, body: string): string => `
  import { createElement, useEffect, useState } from "react";
  ${imports}
  export function Here({ url }) {
    ${body}
  }
`;

/** Opens a socket in an effect and keeps the count in the component's state. */
const inEffect = (imports: string, open: string): string =>
  component(
    imports,
    `const [count, setCount] = useState();
    useEffect(() => {
      const show = ({ data }) => setCount(JSON.parse(data).count);
      ${open}
      return () => socket.close();
    }, [url]);
    return createElement("span", null, count);`,
  );

const RAW_SOCKET = `const socket = new WebSocket(url);
      socket.onmessage = show;`;

/** Libraries that carry messages, or keep state: the count is some server's of yours. */
const LIBRARIES: readonly Subject[] = [
  {
    name: "`WebSocket` in `useEffect`",
    packages: {},
    lacks: "never connects again",
    source: inEffect("", RAW_SOCKET),
  },
  {
    name: "sockette",
    packages: { sockette: "2.0.6" },
    source: inEffect(
      `import Sockette from "sockette";`,
      `const socket = new Sockette(url, { onmessage: show });`,
    ),
  },
  {
    name: "zustand and `WebSocket`",
    packages: { zustand: "5.1.0" },
    lacks: "never connects again",
    source: component(
      `import { create } from "zustand";
      const useCount = create(() => ({ count: undefined }));`,
      `useEffect(() => {
        const show = ({ data }) => useCount.setState(JSON.parse(data));
        ${RAW_SOCKET}
        return () => socket.close();
      }, [url]);
      return createElement("span", null, useCount((state) => state.count));`,
    ),
  },
  {
    name: "use-sync-external-store/shim",
    packages: { "use-sync-external-store": "1.7.0" },
    lacks: "no connection: a store for React 16 and 17",
    source: `export { useSyncExternalStore } from "use-sync-external-store/shim";`,
  },
  {
    name: "nanostores, @nanostores/react and `WebSocket`",
    packages: { nanostores: "1.5.5", "@nanostores/react": "2.0.1" },
    lacks: "never connects again",
    source: component(
      `import { atom } from "nanostores";
      import { useStore } from "@nanostores/react";
      const count = atom();`,
      `useEffect(() => {
        const show = ({ data }) => count.set(JSON.parse(data).count);
        ${RAW_SOCKET}
        return () => socket.close();
      }, [url]);
      return createElement("span", null, useStore(count));`,
    ),
  },
  {
    name: "partysocket/ws",
    packages: { partysocket: "1.3.0" },
    lacks: "no React",
    source: `
      import ReconnectingWebSocket from "partysocket/ws";
      export function showCount(url, show) {
        new ReconnectingWebSocket(url).onmessage = ({ data }) => show(JSON.parse(data).count);
      }
    `,
  },
  {
    name: "reconnecting-websocket",
    packages: { "reconnecting-websocket": "4.4.0" },
    source: inEffect(
      `import ReconnectingWebSocket from "reconnecting-websocket";`,
      `const socket = new ReconnectingWebSocket(url);
      socket.onmessage = show;`,
    ),
  },
  {
    name: "partysocket/react",
    packages: { partysocket: "1.3.0" },
    source: component(
      `import usePartySocket from "partysocket/react";`,
      `const [count, setCount] = useState();
      usePartySocket({
        host: url,
        room: "page",
        onMessage: ({ data }) => setCount(JSON.parse(data).count),
      });
      return createElement("span", null, count);`,
    ),
  },
  {
    name: "swr, polling",
    packages: { swr: "2.5.1" },
    lacks: "asks every 5 s",
    source: component(
      `import useSWR from "swr";
      const ask = (url) => fetch(url).then((response) => response.json());`,
      `const { data } = useSWR(url, ask, { refreshInterval: 5000 });
      return createElement("span", null, data?.count);`,
    ),
  },
  {
    name: "swr/subscription and `WebSocket`",
    packages: { swr: "2.5.1" },
    lacks: "never connects again",
    source: component(
      `import useSWRSubscription from "swr/subscription";`,
      `const { data } = useSWRSubscription(url, (key, { next }) => {
        const show = ({ data }) => next(null, JSON.parse(data).count);
        ${RAW_SOCKET}
        return () => socket.close();
      });
      return createElement("span", null, data);`,
    ),
  },
  {
    name: "react-use-websocket",
    packages: { "react-use-websocket": "4.13.0" },
    source: component(
      `import { useWebSocket } from "react-use-websocket";`,
      `const { lastJsonMessage } = useWebSocket(url, {
        share: true,
        heartbeat: true,
        shouldReconnect: () => true,
      });
      return createElement("span", null, lastJsonMessage?.count);`,
    ),
  },
  {
    name: "socket.io-client",
    packages: { "socket.io-client": "4.8.4" },
    source: component(
      `import { io } from "socket.io-client";`,
      `const [count, setCount] = useState();
      useEffect(() => {
        const socket = io(url);
        socket.on("count", setCount);
        return () => socket.close();
      }, [url]);
      return createElement("span", null, count);`,
    ),
  },
];

/** Everything that a count could be shown by instead, at the versions that are compared. */
export const PEERS: readonly Subject[] = [...LIBRARIES, ...SERVICES];
