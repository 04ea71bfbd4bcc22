import { equal } from "../stage/assert.ts";
import type { ContractCase } from "../stage/scene.ts";
import { aLease, headOf, look } from "./follow.ts";

/** What the port says of leases, and of the marks that go with them. */
export const leaseCases: readonly ContractCase[] = [
  [
    "a read renews the lease, and what it asks to go on from counts as applied",
    async ({ store }) => {
      const start = await headOf(store);
      equal((await store.readLeases(null)).leases, [], "at first");
      await store.endEverything();
      const { position } = await look(store, start, { lease: aLease("a", 1) });
      const { leases, position: head } = await store.readLeases(null);
      equal(head, position, "the newest change");
      const lease = { ...aLease("a", 1), reached: false, behind: 1, age: 0 };
      equal(leases, [lease], "after the read that gave the change");
      await look(store, position, { lease: aLease("a", 2, { accepts: true, duration: 700 }) });
      const reached = {
        ...aLease("a", 2, { accepts: true, duration: 700 }),
        reached: true,
        behind: 0,
        age: 0,
      };
      equal((await store.readLeases(position)).leases, [reached], "after the read that went on from it");
      await store.endEverything();
      equal((await store.readLeases(position)).leases, [{ ...reached, behind: 1 }], "asked for that change");
      const late = { ...reached, reached: false, behind: 1, age: 0 };
      equal((await store.readLeases(null)).leases, [late], "asked for the newest");
    },
  ],
  [
    "a lease never moves back, and is gone when it is given back",
    async ({ store, handles: [, other] }) => {
      const start = await headOf(store);
      await store.endEverything();
      const { position } = await look(store, start);
      await look(other, position, { lease: aLease("a", 5) });
      await look(store, start, { lease: aLease("a", 4) });
      await look(store, start, { lease: aLease("a", 5) });
      const kept = { ...aLease("a", 5), reached: true, behind: 0, age: 0 };
      equal((await store.readLeases(null)).leases, [kept], "after an older read");
      await look(store, start, { lease: aLease("b", 0) });
      await store.dropLease("a");
      await store.dropLease("nobody");
      const left = (await other.readLeases(null)).leases.map(({ id }) => id);
      equal(left, ["b"], "after it was given back");
    },
  ],
  [
    "a lease of a place that is none of this log has reached nothing",
    async ({ store }) => {
      await store.endEverything();
      await look(store, "elsewhere.7.x", { lease: aLease("a", 1) });
      await look(store, null, { lease: aLease("b", 1) });
      for (const position of [null, await headOf(store), "elsewhere.7.x"]) {
        const { leases } = await store.readLeases(position);
        equal(
          leases.map(({ reached }) => reached),
          [false, false],
          `asked for ${position}`,
        );
      }
    },
  ],
  [
    "many reads at once leave the lease of the latest",
    async ({ store, handles }) => {
      const start = await headOf(store);
      const counters = Array.from({ length: 40 }, (_, i) => i).sort(() => Math.random() - 0.5);
      await Promise.all(
        counters.map((counter, i) =>
          look(handles[i % 2 === 0 ? 0 : 1], start, { lease: aLease("a", counter) }),
        ),
      );
      equal((await store.readLeases(null)).leases[0]?.counter, 39, "the counter");
    },
  ],
  [
    "declareLongest raises the marks, and lowers them once what was issued under the higher ones is over",
    async ({ store, clock }) => {
      const day = 86_400_000;
      const marks = async () => [
        (await look(store, null)).longestLife,
        (await store.readLeases(null)).longestLease,
      ];
      equal(await marks(), [0, 0], "at first");
      await store.declareLongest({ life: 900_000, lease: 2450 });
      equal(await marks(), [900_000, 2450], "raised");
      await store.declareLongest({ life: 60_000, lease: 9000 });
      equal(await marks(), [900_000, 9000], "each for itself");
      clock.advance(day + 9001);
      await store.declareLongest({ life: 60_000, lease: 1000 });
      equal(await marks(), [900_000, 1000], "a day after, and as long as it lives");
      clock.advance(900_000);
      await store.declareLongest({ life: 60_000, lease: 1000 });
      equal(await marks(), [60_000, 1000], "both");
    },
  ],
  [
    "trimChanges forgets leases that were not renewed for as long",
    async ({ store, clock }) => {
      const start = await headOf(store);
      await look(store, start, { lease: aLease("old", 1) });
      clock.advance(5000);
      await look(store, start, { lease: aLease("young", 1) });
      clock.advance(1);
      await store.trimChanges(5000, 100);
      equal(
        (await store.readLeases(null)).leases.map(({ id }) => id),
        ["young"],
        "what is left",
      );
    },
  ],
];
