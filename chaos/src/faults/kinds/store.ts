import type { BreakableServer, StoreServer } from "../../cluster/stores/store.ts";
import type { FaultKind } from "../fault.ts";

/** What happens to the store's server. */
export const storeFaults: readonly FaultKind[] = [
  {
    name: "C1/C9 store killed and started again",
    possible: isServer,
    async inflict({ store, random, wait }) {
      const server = serverOf(store);
      await server.kill();
      await wait(random.between(200, 3000));
      return { mend: server.start };
    },
  },
  {
    name: "C2 store stopped (SIGSTOP)",
    possible: isServer,
    async inflict({ store, random, wait }) {
      const server = serverOf(store);
      server.freeze();
      await wait(random.between(500, 6000));
      return { mend: async () => server.thaw() };
    },
  },
  {
    name: "C9/C10 store exhausted",
    possible: isServer,
    async inflict({ store, random, wait }) {
      const undo = await serverOf(store).exhaust();
      await wait(random.between(1000, 4000));
      return { mend: undo };
    },
  },
  {
    name: "C12 store started without its data",
    possible: ({ server }) => server?.startEmpty !== undefined,
    async inflict({ store, random, wait }) {
      const server = serverOf(store);
      await server.kill();
      const putBack = await server.startEmpty?.();
      await wait(random.between(1000, 3000));
      return {
        mend: async () => {
          await server.kill();
          await putBack?.();
          await server.start();
        },
      };
    },
  },
  {
    name: "C12 older copy of the store put back",
    onlyIfNamed: true,
    possible: ({ server }) => server?.copy !== undefined,
    async inflict({ store, random, wait }) {
      const server = serverOf(store);
      const copy = await server.copy?.();
      await wait(random.between(2000, 4000));
      await server.kill();
      return {
        restores: performance.now(),
        mend: async () => {
          copy?.putBack();
          await server.start();
        },
      };
    },
  },
];

function isServer({ server }: StoreServer): boolean {
  return server !== undefined;
}

function serverOf({ server }: StoreServer): BreakableServer {
  if (server === undefined) throw new Error("this store has no server");
  return server;
}
