import type { FaultKind } from "../fault.ts";

export const diskFull = "C9 disk full";

/** What happens when the store's server has no room for what it is given. */
export const roomFaults: readonly FaultKind[] = [
  {
    name: diskFull,
    possible: ({ server }) => server?.fillDisk !== undefined,
    async inflict({ store, random, wait }) {
      const undo = await store.server?.fillDisk?.();
      await wait(random.between(1000, 5000));
      return { mend: async () => undo?.() };
    },
  },
  {
    name: "C10 store throws keys away (volatile-lru)",
    onlyIfNamed: true,
    possible: ({ server }) => server?.evict !== undefined,
    async inflict({ store, random, wait }) {
      const since = performance.now();
      const undo = await store.server?.evict?.();
      await wait(random.between(1000, 4000));
      return { restores: since, mend: async () => undo?.() };
    },
  },
];
