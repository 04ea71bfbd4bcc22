import type { ChangesPage, LoggedChange } from "../../../types.ts";
import { equal } from "../stage/assert.ts";
import type { ContractCase } from "../stage/scene.ts";
import { headOf, look } from "./follow.ts";

/** What the port says of reading the log. */
export const logCases: readonly ContractCase[] = [
  [
    "readChanges gives every change after a position, oldest first, page by page",
    async ({ store, clock }) => {
      const begin = await look(store, null);
      equal(
        [begin.changes, begin.atHead, begin.reset, begin.now],
        [[], true, false, clock.read()],
        "at first",
      );
      const expected: LoggedChange[] = [];
      for (let times = 1; times <= 7; times++) {
        clock.advance(10);
        await store.endEverything();
        expected.push({ at: clock.read(), change: { kind: "global_epoch", epoch: clock.read() } });
      }
      equal((await look(store, begin.position)).changes, expected, "in one page");
      equal((await look(store, null)).changes, expected, "from the beginning");
      const found: LoggedChange[] = [];
      const ends: boolean[] = [];
      let page: ChangesPage = begin;
      do {
        page = await look(store, page.position, { limit: 3 });
        found.push(...page.changes);
        ends.push(page.atHead);
      } while (!page.atHead);
      equal(found, expected, "in several pages");
      equal(ends, [false, false, true], "which of them reached the head");
      equal(await look(store, page.position), { ...page, changes: [] }, "after the last");
    },
  ],
  [
    "readChanges waits for a change as long as it is told, and no longer than until there is one",
    async ({ store, handles: [, other] }) => {
      const after = await headOf(store);
      const started = performance.now();
      const empty = await look(store, after, { waitMs: 60 });
      equal([empty.changes, empty.atHead], [[], true], "without a change");
      equal(performance.now() - started >= 55, true, `waited ${performance.now() - started} ms of 60`);
      const asked = performance.now();
      const waiting = look(store, after, { waitMs: 5000 });
      await new Promise((resolve) => setTimeout(resolve, 30));
      await other.endEverything();
      equal((await waiting).changes.length, 1, "with a change");
      equal(performance.now() - asked < 2500, true, `answered after ${performance.now() - asked} ms`);
      const at = performance.now();
      equal((await look(store, after, { waitMs: 5000 })).changes.length, 1, "with one that was there");
      equal(performance.now() - at < 1000, true, "answered at once");
    },
  ],
  [
    "whoever asked may stop the waiting",
    async ({ store }) => {
      const after = await headOf(store);
      const stop = new AbortController();
      const started = performance.now();
      const waiting = look(store, after, { waitMs: 5000, signal: stop.signal }).catch(() => "stopped");
      setTimeout(() => stop.abort(), 20);
      await waiting;
      equal(performance.now() - started < 2500, true, `ended after ${performance.now() - started} ms`);
    },
  ],
  [
    "a position that the log does not hold is lost, and gives no changes",
    async ({ store }) => {
      await store.endEverything();
      await store.endEverything();
      const { position } = await look(store, null);
      const [life = "", n, tag] = position.split(".");
      const foreign = [
        `other.${n}.${tag}`,
        `${life}.99.${tag}`,
        `${life}.-1.`,
        `${life}.1`,
        "",
        "x",
        "a.b.c",
      ];
      for (const after of foreign) {
        const page = await look(store, after);
        equal([page.reset, page.changes, page.atHead], ["lost", [], false], `after ${JSON.stringify(after)}`);
      }
      equal((await look(store, position)).reset, false, "its own");
    },
  ],
  [
    "trimChanges removes what is older, never the newest; who was in the middle of it starts anew",
    async ({ store, clock }) => {
      const positions = [await headOf(store)];
      for (let i = 0; i < 5; i++) {
        clock.advance(1000);
        await store.endEverything();
        positions.push(await headOf(store));
      }
      equal(await store.trimChanges(5000, 100), 0, "nothing is as old");
      clock.advance(2500);
      equal(await store.trimChanges(5000, 1), 1, "no more than asked for");
      equal(await store.trimChanges(5000, 100), 1, "the rest");
      const resets = await Promise.all(positions.map(async (it) => (await look(store, it)).reset));
      equal(resets, ["trimmed", "trimmed", "trimmed", false, false, false], "who may go on");
      equal((await look(store, null)).changes.length, 3, "what is left");
      clock.advance(60_000);
      equal(await store.trimChanges(5000, 100), 2, "all but the newest");
      equal((await look(store, null)).changes.length, 1, "the newest");
      equal((await look(store, positions[5] ?? "")).reset, false, "who has read it may go on");
      equal((await look(store, positions[3] ?? "")).reset, "trimmed", "who has not must start anew");
    },
  ],
];
