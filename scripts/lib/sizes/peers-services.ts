import type { Subject } from "./subject.ts";

/** Presence as a service: these count by themselves, on their own servers. */
export const SERVICES: readonly Subject[] = [
  {
    name: "@supabase/realtime-js",
    packages: { "@supabase/realtime-js": "2.119.1" },
    source: `
      import { RealtimeClient } from "@supabase/realtime-js";
      export function showCount(url, apikey, page, show) {
        const channel = new RealtimeClient(url, { params: { apikey } }).channel(page);
        channel
          .on("presence", { event: "sync" }, () => show(Object.keys(channel.presenceState()).length))
          .subscribe((status) => { if (status === "SUBSCRIBED") channel.track({}); });
      }
    `,
  },
  {
    name: "@supabase/supabase-js",
    packages: { "@supabase/supabase-js": "2.119.1" },
    source: `
      import { createClient } from "@supabase/supabase-js";
      export function showCount(url, key, page, show) {
        const channel = createClient(url, key).channel(page);
        channel
          .on("presence", { event: "sync" }, () => show(Object.keys(channel.presenceState()).length))
          .subscribe((status) => { if (status === "SUBSCRIBED") channel.track({}); });
      }
    `,
  },
  {
    name: "pusher-js",
    packages: { "pusher-js": "8.6.0" },
    source: `
      import Pusher from "pusher-js";
      export function showCount(key, cluster, page, show) {
        const channel = new Pusher(key, { cluster }).subscribe("presence-" + page);
        for (const event of ["subscription_succeeded", "member_added", "member_removed"]) {
          channel.bind("pusher:" + event, () => show(channel.members.count));
        }
      }
    `,
  },
  {
    name: "convex and @convex-dev/presence",
    packages: { convex: "1.48.0", "@convex-dev/presence": "0.4.0" },
    source: `
      import { createElement } from "react";
      import { ConvexProvider, ConvexReactClient } from "convex/react";
      import { anyApi } from "convex/server";
      import usePresence from "@convex-dev/presence/react";
      const client = new ConvexReactClient("https://example.convex.cloud");
      const Count = ({ page, user }) =>
        createElement("span", null, usePresence(anyApi.presence, page, user)?.length);
      export const Here = (props) =>
        createElement(ConvexProvider, { client }, createElement(Count, props));
    `,
  },
  {
    name: "ably/modular",
    packages: { ably: "2.28.0" },
    source: `
      import { BaseRealtime, FetchRequest, RealtimePresence, WebSocketTransport } from "ably/modular";
      export function showCount(key, clientId, page, show) {
        const plugins = { FetchRequest, RealtimePresence, WebSocketTransport };
        const { presence } = new BaseRealtime({ key, clientId, plugins }).channels.get(page);
        presence.subscribe(async () => show((await presence.get()).length));
        presence.enter();
      }
    `,
  },
  {
    name: "ably and ably/react",
    packages: { ably: "2.28.0" },
    source: `
      import { createElement } from "react";
      import { Realtime } from "ably";
      import { AblyProvider, ChannelProvider, usePresence, usePresenceListener } from "ably/react";
      const client = new Realtime({ key: "key", clientId: "visitor" });
      function Count({ page }) {
        usePresence(page);
        return createElement("span", null, usePresenceListener(page).presenceData.length);
      }
      export const Here = ({ page }) =>
        createElement(AblyProvider, { client },
          createElement(ChannelProvider, { channelName: page }, createElement(Count, { page })));
    `,
  },
  {
    name: "@liveblocks/client",
    packages: { "@liveblocks/client": "3.24.2" },
    source: `
      import { createClient } from "@liveblocks/client";
      export function showCount(publicApiKey, page, show) {
        const { room } = createClient({ publicApiKey }).enterRoom(page);
        room.subscribe("others", (others) => show(others.length + 1));
      }
    `,
  },
  {
    name: "@liveblocks/react",
    packages: { "@liveblocks/react": "3.24.2" },
    source: `
      import { createElement } from "react";
      import { LiveblocksProvider, RoomProvider, useOthers } from "@liveblocks/react";
      const Count = () => createElement("span", null, useOthers().length + 1);
      export const Here = ({ publicApiKey, page }) =>
        createElement(LiveblocksProvider, { publicApiKey },
          createElement(RoomProvider, { id: page }, createElement(Count)));
    `,
  },
];
