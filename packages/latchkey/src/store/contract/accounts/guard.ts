import type { Store, UserRecord } from "../../../types.ts";
import { codeOf, equal, tally } from "../stage/assert.ts";
import { type ContractCase, isAccepted, makeUserIn, signIn } from "../stage/scene.ts";

const keepOneOf = ["admin", "owner"];
const last = { ok: false, code: "last_administrator" };
const forEver = { until: null, reason: null };

/** What the port says of steps that could leave nobody in charge. */
export const guardCases: readonly ContractCase[] = [
  [
    "keepOneOf refuses to take away the last one in charge, and changes nothing",
    async ({ store }) => {
      const admin = await makeUserIn(store, { roles: ["admin", "editor"] });
      await makeUserIn(store, { roles: ["editor"] });
      const { session } = await signIn(store, admin);
      equal(await store.setRoles(admin.id, ["editor"], { keepOneOf }), last, "other roles");
      equal(await store.banUser(admin.id, forEver, { keepOneOf }), last, "a ban");
      equal(await store.deleteUser(admin.id, { keepOneOf }), last, "a deletion");
      equal(await store.findUser({ id: admin.id }), admin, "the user");
      equal(isAccepted(await store.readSession(session.id)), true, "the session");
      equal(codeOf(await store.setRoles(admin.id, ["owner"], { keepOneOf })), "ok", "another such role");
      equal(codeOf(await store.setRoles(admin.id, [], { keepOneOf: [] })), "ok", "where no role counts");
    },
  ],
  [
    "keepOneOf lets go whoever is not the last, holds no such role or is banned anyway",
    async ({ store }) => {
      const owner = await makeUserIn(store, { roles: ["owner"] });
      const admin = await makeUserIn(store, { roles: ["admin"] });
      const editor = await makeUserIn(store, { roles: ["editor"] });
      equal(codeOf(await store.banUser(owner.id, forEver, { keepOneOf })), "ok", "one of two");
      for (const { id } of [owner, editor]) {
        equal(codeOf(await store.setRoles(id, [], { keepOneOf })), "ok", "the roles of who is not");
        equal(codeOf(await store.banUser(id, forEver, { keepOneOf })), "ok", "a ban of who is not");
        equal(codeOf(await store.deleteUser(id, { keepOneOf })), "ok", "a deletion of who is not");
      }
      equal(await store.deleteUser(admin.id, { keepOneOf }), last, "the last");
      equal(codeOf(await store.deleteUser(admin.id)), "ok", "without the guard");
    },
  ],
  [
    "keepOneOf counts nobody who is banned, and everybody whose ban is over",
    async ({ store, clock }) => {
      const admin = await makeUserIn(store, { roles: ["admin"] });
      const other = await makeUserIn(store, { roles: ["admin"] });
      await store.banUser(other.id, { until: clock.read() + 1000, reason: null });
      equal(await store.setRoles(admin.id, [], { keepOneOf }), last, "during the other's ban");
      const short = { until: clock.read() + 1, reason: null };
      equal(await store.banUser(admin.id, short, { keepOneOf }), last, "a ban, however short");
      clock.advance(1000);
      equal(codeOf(await store.setRoles(admin.id, [], { keepOneOf })), "ok", "after it");
      equal(await store.deleteUser(other.id, { keepOneOf }), last, "the one whose ban is over");
    },
  ],
  [
    "deleteUser with epoch refuses if the password was changed since it was checked",
    async ({ store }) => {
      const user = await makeUserIn(store);
      const { session } = await signIn(store, user);
      const conflict = { ok: false, code: "conflict" };
      equal(await store.deleteUser(user.id, { epoch: 1 }), conflict, "another epoch");
      equal(isAccepted(await store.readSession(session.id)), true, "the session");
      equal(await store.deleteUser(user.id, { epoch: 0 }), { ok: true, ended: 1 }, "the same epoch");
    },
  ],
  [
    "banUser with epoch refuses likewise",
    async ({ store }) => {
      const user = await makeUserIn(store);
      const { session } = await signIn(store, user);
      equal(await store.banUser(user.id, forEver, { epoch: 1 }), { ok: false, code: "conflict" }, "another");
      equal(await store.findUser({ id: user.id }), user, "the user");
      equal(isAccepted(await store.readSession(session.id)), true, "the session");
      equal(codeOf(await store.banUser(user.id, forEver, { epoch: 0 })), "ok", "the same epoch");
    },
  ],
  [
    "of two administrators who demote, ban or delete each other at once exactly one stays",
    async ({ handles: [store, second] }) => {
      const ways = [
        (on: Store, { id }: UserRecord) => on.setRoles(id, [], { keepOneOf }),
        (on: Store, { id }: UserRecord) => on.banUser(id, forEver, { keepOneOf }),
        (on: Store, { id }: UserRecord) => on.deleteUser(id, { keepOneOf }),
      ] as const;
      for (let round = 0; round < 100; round++) {
        const ann = await makeUserIn(store, { roles: ["admin"] });
        const bob = await makeUserIn(store, { roles: ["owner"] });
        const [one, other] = [ways[round % 3] ?? ways[0], ways[Math.floor(round / 3) % 3] ?? ways[0]];
        const answers = await Promise.all([one(store, ann), other(second, bob)]);
        equal(tally(answers), { ok: 1, last_administrator: 1 }, "the answers");
        for (const { id } of [ann, bob]) await store.deleteUser(id);
      }
    },
  ],
];
