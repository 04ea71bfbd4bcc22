import type { Store, UserQuery, UserRecord } from "../../../types.ts";
import { equal } from "../stage/assert.ts";
import { atOnce } from "../stage/at-once.ts";
import { aUser, type ContractCase, makeUserIn } from "../stage/scene.ts";

/** What the port says of listing users. */
export const listUsersCases: readonly ContractCase[] = [
  [
    "listUsers gives users newest first, page by page, also those made at one moment",
    async ({ store, clock }) => {
      const made: UserRecord[] = [];
      for (let i = 0; i < 7; i++) {
        made.push(await makeUserIn(store));
        if (i === 4) clock.advance(1);
      }
      const all = await store.listUsers({ limit: 99 });
      equal(all.length, 7, "how many");
      equal(idsOf(all.slice(0, 2)), idsOf(made.slice(5)), "the newest");
      equal(idsOf(all), idsOf(made), "all of them");
      for (const limit of [1, 2, 3]) equal(await pages(store, limit), all, `in pages of ${limit}`);
      equal(await store.listUsers({ limit: 0 }), [], "none");
      equal(await store.listUsers({ limit: -1 }), [], "fewer than none");
      equal(await store.listUsers({ limit: 9, after: "nobody" }), [], "after nobody");
    },
  ],
  [
    "a search finds part of the address or name, or the whole id, in capital letters or small ones",
    async ({ store }) => {
      const ann = await makeUserIn(store, { id: "U-1", email: "Ann.Bo@example.test", name: null });
      const ulf = await makeUserIn(store, { id: "U-12", email: null, name: "Ülf ÄRNE" });
      const found = async (search: string) => idsOf(await store.listUsers({ search, limit: 9 }));
      equal(await found("ann.bo"), [ann.id], "part of an address");
      equal(await found("EXAMPLE.test"), [ann.id], "in capital letters");
      equal(await found("ülf ärne"), [ulf.id], "letters beyond ASCII, small");
      equal(await found("ÄRN"), [ulf.id], "and capital");
      equal(await found("u-1"), [ann.id], "a whole id");
      equal(await found("-1"), [], "part of an id");
      equal(await found(""), [ann.id, ulf.id], "nothing");
      await store.updateUser(ulf.id, { name: "Eva" });
      equal([await found("ülf"), await found("eva")], [[], [ulf.id]], "after a new name");
      await store.deleteUser(ulf.id);
      equal(await found("eva"), [], "after a deletion");
    },
  ],
  [
    "what a search is made of stands for itself",
    async ({ store }) => {
      const names = ["100% sure", "snake_case", "back\\slash", 'it\'s "quoted"', "plain"];
      for (const name of names) await makeUserIn(store, { id: name, email: null, name });
      for (const [search, name] of [
        ["100%", "100% sure"],
        ["%", "100% sure"],
        ["_", "snake_case"],
        ["e_c", "snake_case"],
        ["\\", "back\\slash"],
        ["'", 'it\'s "quoted"'],
      ] as const) {
        equal(idsOf(await store.listUsers({ search, limit: 9 })), [name], `of ${search}`);
      }
      equal(await store.listUsers({ search: "p%n", limit: 9 }), [], "of p%n");
    },
  ],
  [
    "listUsers asks for a role and a status, as it is at this moment",
    async ({ store, clock }) => {
      const ann = await makeUserIn(store, { roles: ["a", "b"], name: "Ann", email: null });
      const bob = await makeUserIn(store, { roles: ["b"], name: "Bob", email: null });
      await store.banUser(ann.id, { until: clock.read() + 1000, reason: null });
      const found = async (query: Partial<UserQuery>) => idsOf(await store.listUsers({ limit: 9, ...query }));
      equal(await found({ role: "a" }), [ann.id], "a role");
      equal(await found({ role: "b" }), [ann.id, bob.id].sort(), "a role of two");
      equal(await found({ role: "c" }), [], "a role of nobody");
      equal(
        [await found({ status: "banned" }), await found({ status: "active" })],
        [[ann.id], [bob.id]],
        "a status",
      );
      equal(await found({ status: "banned", role: "b", search: "bo" }), [], "all of it");
      clock.advance(1000);
      equal(await found({ status: "banned" }), [], "after the ban");
      equal(await found({ status: "active", role: "a", search: "ann" }), [ann.id], "after it");
    },
  ],
  [
    "pages are complete and name nobody twice while users are added",
    async ({ store, handles, clock }) => {
      const before = await atOnce(30, handles, (on, i) => {
        if (i % 7 === 0) clock.advance(1);
        return makeUserIn(on);
      });
      const added = atOnce(60, handles, (on, i) => {
        if (i % 5 === 0) clock.advance(1);
        return on.createUser(aUser());
      });
      const seen = (await pages(store, 4)).map(({ id }) => id);
      await added;
      equal(new Set(seen).size, seen.length, "how many different ones");
      const missing = before.filter(({ id }) => !seen.includes(id));
      equal(missing, [], "who was there before and is missing");
    },
  ],
];

/** All users, page by page. */
async function pages(store: Store, limit: number): Promise<readonly UserRecord[]> {
  const all: UserRecord[] = [];
  for (let after: string | undefined; ; ) {
    const page = await store.listUsers({ limit, after });
    all.push(...page);
    after = page.at(-1)?.id;
    if (after === undefined) return all;
  }
}

function idsOf(users: readonly UserRecord[]): readonly string[] {
  return users.map(({ id }) => id).sort();
}
