/** What is known of one tab of the page. */
interface Tab {
  /** Null for an observer, who is not counted. */
  readonly visitor: number | null;
  presence: Presence;
}

type Presence =
  /** Its user looks at the page; a connection that is lost is made again. */
  | { readonly kind: "here" }
  /** Its socket is open and says nothing; the server may count it until `untilMs`. */
  | { readonly kind: "silent"; untilMs: number }
  /** It left, was killed, or was told to stay away. */
  | { readonly kind: "gone"; readonly atMs: number };

/**
 * What is true of a page, by what its clients do: sets of visitors and nothing else. It shares no
 * code and no idea with the Worker, which only knows what reaches it.
 */
export class Truth {
  readonly #tabs = new Map<number, Tab>();

  join(tab: number, visitor: number | null): void {
    this.#tabs.set(tab, { visitor, presence: { kind: "here" } });
  }

  /** Whether or not it was here. */
  leave(tab: number, atMs: number): void {
    const known = this.#tabs.get(tab);
    if (known !== undefined && known.presence.kind !== "gone") {
      known.presence = { kind: "gone", atMs };
    }
  }

  /** @param untilMs when the server must have noticed, at the latest */
  silence(tab: number, untilMs: number): void {
    const known = this.#tabs.get(tab);
    if (known !== undefined) known.presence = { kind: "silent", untilMs };
  }

  /** The server's clock was set back: who is silent may be counted for that much longer. */
  extendSilences(byMs: number): void {
    for (const { presence } of this.#tabs.values()) {
      if (presence.kind === "silent") presence.untilMs += byMs;
    }
  }

  /** The number that everyone must be shown once nothing is pending any more. */
  get count(): number {
    return this.#visitors(({ kind }) => kind === "here").size;
  }

  /** The most that may be shown: also who may not have been missed yet. */
  mostAt(nowMs: number, lagMs: number): number {
    return this.#visitors((presence) => {
      if (presence.kind === "silent") return nowMs < presence.untilMs + lagMs;
      return presence.kind === "here" || nowMs < presence.atMs + lagMs;
    }).size;
  }

  /** When the server must have noticed that this tab fell silent; null when it did not. */
  silenceEndsMs(tab: number): number | null {
    const presence = this.#tabs.get(tab)?.presence;
    return presence?.kind === "silent" ? presence.untilMs : null;
  }

  /** Whether its visitor has a tab that fell silent and none that is here, so may be miscounted. */
  isCountedOnlyBy(tab: number): boolean {
    const visitor = this.#tabs.get(tab)?.visitor ?? null;
    return visitor !== null && !this.#visitors(({ kind }) => kind === "here").has(visitor);
  }

  /** Tabs of the same visitor that the server may hold beside this one. */
  tabsBeside(tab: number, sinceMs: number): number {
    const visitor = this.#tabs.get(tab)?.visitor;
    let tabs = 0;
    for (const [other, { visitor: owner, presence }] of this.#tabs) {
      if (other === tab || owner !== visitor) continue;
      if (presence.kind !== "gone" || presence.atMs >= sinceMs) tabs++;
    }
    return tabs;
  }

  #visitors(matches: (presence: Presence) => boolean): Set<number> {
    const visitors = new Set<number>();
    for (const { visitor, presence } of this.#tabs.values()) {
      if (visitor !== null && matches(presence)) visitors.add(visitor);
    }
    return visitors;
  }
}
