/** Runs tasks one after the other, in the order they came. */
export interface Mutex {
  run<T>(task: () => Promise<T>): Promise<T>;
}

export function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(task) {
      const result = last.then(task);
      last = result.catch(() => undefined);
      return result;
    },
  };
}

/** One mutex a key; a key that nobody waits for takes no memory. */
export interface KeyedMutex {
  run<T>(key: string, task: () => Promise<T>): Promise<T>;
}

export function createKeyedMutex(): KeyedMutex {
  const entries = new Map<string, { mutex: Mutex; users: number }>();
  return {
    async run(key, task) {
      const entry = entries.get(key) ?? { mutex: createMutex(), users: 0 };
      entries.set(key, entry);
      entry.users++;
      try {
        return await entry.mutex.run(task);
      } finally {
        if (--entry.users === 0) entries.delete(key);
      }
    },
  };
}
