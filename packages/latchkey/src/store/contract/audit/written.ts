import type { SessionId, Store } from "../../../types.ts";
import { equal } from "../stage/assert.ts";
import { atOnce } from "../stage/at-once.ts";
import {
  anEntry,
  aSessionId,
  aUser,
  type ContractCase,
  makeUserIn,
  opening,
  signIn,
} from "../stage/scene.ts";

const audit = anEntry("user_updated", { actorId: "bob", detail: { by: "the test" } });
const options = { audit };
const ban = { until: null, reason: null };

/** How many entries the calls wrote. */
async function written(store: Store, ...calls: (() => Promise<unknown>)[]): Promise<number> {
  const before = (await store.listAudit({ limit: 99 })).length;
  for (const call of calls) await call();
  return (await store.listAudit({ limit: 99 })).length - before;
}

/** What the port says of entries that steps take along: written if the step changes something. */
export const writtenCases: readonly ContractCase[] = [
  [
    "steps that change a user write their entry, and those that change nothing write none",
    async ({ store, clock }) => {
      const { id } = await makeUserIn(store, { name: "Ann", roles: ["a"], email: "ann@example.test" });
      const changes = [
        () => store.createUser(aUser(), options),
        () => store.updateUser(id, { name: "Anna" }, options),
        () => store.setRoles(id, ["a", "b"], options),
        () => store.banUser(id, ban, options),
        () => store.banUser(id, ban, options),
        () => store.unbanUser(id, options),
        () => store.deleteUser(id, options),
      ];
      for (const [i, change] of changes.entries()) {
        equal(await written(store, change), 1, `entries of change ${i}`);
        const [entry] = await store.listAudit({ limit: 1 });
        equal(entry, { ...audit, id: i + 1, at: clock.read() }, `what change ${i} wrote`);
      }
    },
  ],
  [
    "steps that are refused, or find everything so already, write no entry and raise no version",
    async ({ store }) => {
      const user = await makeUserIn(store, { name: "Ann", roles: ["a"], email: "ann@example.test" });
      const calls = [
        () => store.createUser(aUser({ email: "ann@example.test" }), options),
        () => store.createUser(aUser({ roles: ["a"] }), { audit, unlessRole: "a" }),
        () => store.updateUser(user.id, { name: "Ann" }, options),
        () => store.updateUser("nobody", { name: "Ann" }, options),
        () => store.setRoles(user.id, ["a"], options),
        () => store.setRoles("nobody", ["a"], options),
        () => store.setRoles(user.id, [], { audit, keepOneOf: ["a"] }),
        () => store.banUser("nobody", ban, options),
        () => store.banUser(user.id, ban, { audit, keepOneOf: ["a"] }),
        () => store.unbanUser(user.id, options),
        () => store.unbanUser("nobody", options),
        () => store.deleteUser("nobody", options),
        () => store.deleteUser(user.id, { audit, epoch: 7 }),
        () => store.deleteUser(user.id, { audit, keepOneOf: ["a"] }),
      ];
      equal(await written(store, ...calls), 0, "entries");
      equal(await store.findUser({ id: user.id }), user, "the user");
    },
  ],
  [
    "sign-ins and password changes write their entry, and write none if they are refused",
    async ({ store }) => {
      const user = await makeUserIn(store);
      const change = { userId: user.id, epoch: 0, passwordHash: "$new", keep: null, audit };
      const limit = { max: 1, onLimit: "refuse" } as const;
      const open = (wanted: object) => () => store.openSession(opening(user, { audit, ...wanted }));
      equal(await written(store, open({})), 1, "a sign-in");
      equal(await written(store, open({ session: null })), 1, "one without a session");
      equal(await written(store, open({ audit: null })), 0, "one that is not to be written down");
      equal(await written(store, open({ limit }), open({ user: { id: "nobody", epoch: 0 } })), 0, "refused");
      equal(await written(store, () => store.changePassword({ ...change, epoch: 7 })), 0, "a conflict");
      equal(await written(store, () => store.changePassword(change)), 1, "a password change");
    },
  ],
  [
    "ends write their entry if they ended something or raised an epoch",
    async ({ store }) => {
      const user = await makeUserIn(store);
      const { id } = (await signIn(store, user)).session;
      const kept = (await signIn(store, user)).session.id;
      const end = (wanted: object) => () => store.endSession(id, "revoked", { audit, ...wanted });
      const endOthers = (keep: SessionId) => () => store.endOtherSessions(user.id, keep, "revoked", options);
      equal(await written(store, end({ userId: "nobody" })), 0, "as another user");
      equal(await written(store, end({}), end({})), 1, "twice");
      equal(await written(store, () => store.endSession(aSessionId(), "revoked", options)), 0, "no session");
      equal(await written(store, endOthers(kept)), 0, "where there are no others");
      await signIn(store, user);
      equal(await written(store, endOthers(aSessionId())), 0, "refused");
      equal(await written(store, endOthers(kept), endOthers(kept)), 1, "where there is one");
      const endAll = () => store.endSessions(user.id, "revoked", options);
      equal(await written(store, endAll, endAll), 2, "of all, also where nothing is left but the epoch");
      equal(await written(store, () => store.endSessions("nobody", "revoked", options)), 0, "nobody's");
      equal(await written(store, () => store.endEverything(options)), 1, "everything");
    },
  ],
  [
    "of many who do the same at once the one who does it writes it down",
    async ({ store, handles }) => {
      const user = await makeUserIn(store);
      const { session } = await signIn(store, user);
      const steps = [
        (on: Store) => on.endSession(session.id, "revoked", options),
        (on: Store) => on.setRoles(user.id, ["editor"], options),
        (on: Store) => on.updateUser(user.id, { name: "Anna" }, options),
        (on: Store) => on.deleteUser(user.id, options),
      ];
      for (const [i, step] of steps.entries()) {
        const together = () => atOnce<unknown>(20, handles, step);
        equal(await written(store, together), 1, `entries of step ${i}`);
      }
    },
  ],
];
