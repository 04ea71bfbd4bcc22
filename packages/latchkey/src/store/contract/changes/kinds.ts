import type { Change, Store } from "../../../types.ts";
import { aKey } from "../keys/first.ts";
import { equal } from "../stage/assert.ts";
import {
  anEntry,
  aSession,
  aUser,
  type ContractCase,
  makeUserIn,
  opening,
  raisedTo,
  signIn,
} from "../stage/scene.ts";
import { external, sync } from "../stage/synced.ts";
import { changesOf } from "./follow.ts";

/** What each step writes into the log (P5). */
export const kindCases: readonly ContractCase[] = [
  [
    "whatever ends a session says so in its own step",
    async ({ store }) => {
      const ann = await makeUserIn(store);
      const [first, second] = [(await signIn(store, ann)).session, (await signIn(store, ann)).session];
      const ended = (id: string): Change[] => [
        { kind: "session_ended", sessionId: first.id === id ? first.id : second.id, userId: ann.id },
      ];
      equal(
        await changesOf(store, () => store.endSession(first.id, "revoked")),
        ended(first.id),
        "endSession",
      );
      const replace = () => store.openSession(opening(ann, { replaces: second.id }));
      equal(await changesOf(store, replace), ended(second.id), "a session that is replaced");
      const [live] = await store.listSessions(ann.id);
      const evicted = { kind: "session_ended", sessionId: live?.id, userId: ann.id };
      const open = () => store.openSession(opening(ann, { limit: { max: 1, onLimit: "evict" } }));
      equal(await changesOf(store, open), [evicted], "a session that is evicted");
    },
  ],
  [
    "a stolen refresh token's session is said to have ended",
    async ({ store, clock }) => {
      const ann = await makeUserIn(store);
      const { session } = await signIn(store, ann, { refreshSalt: "salt" });
      const audit = anEntry("refresh_reused");
      const refresh = (generation: number) =>
        store.refreshSession({
          ...{ id: session.id, generation, epoch: 0, client: "web", grace: 1000, rotationKey: null, audit },
        });
      clock.advance(2000);
      equal(await changesOf(store, () => refresh(0)), [], "a rotation");
      clock.advance(2000);
      const ended = [{ kind: "session_ended", sessionId: session.id, userId: ann.id }];
      equal(await changesOf(store, () => refresh(0)), ended, "its parent after the window");
    },
  ],
  [
    "what is raised is told with what it was raised to",
    async ({ store, clock }) => {
      const ann = await makeUserIn(store);
      const { session } = await signIn(store, ann);
      const keep = { id: session.id, tokenHash: null };
      const change = () =>
        store.changePassword({ userId: ann.id, epoch: 0, passwordHash: "$new", keep, audit: null });
      const since = Math.floor((clock.read() - session.createdAt) / 100);
      const renewed = { kind: "session_epoch", sessionId: session.id, userId: ann.id, epoch: since };
      const raised = { kind: "user_epoch", userId: ann.id, epoch: raisedTo(clock) };
      same(await changesOf(store, change), [renewed, raised], "a password change");
      const ended = { kind: "session_ended", sessionId: session.id, userId: ann.id };
      const endAll = () => store.endSessions(ann.id, "revoked");
      const again = { ...raised, epoch: raisedTo(clock, 2) };
      same(await changesOf(store, endAll), [ended, again], "the end of all sessions");
      const everything = [{ kind: "global_epoch", epoch: raisedTo(clock) }];
      equal(await changesOf(store, () => store.endEverything()), everything, "the end of everything");
    },
  ],
  [
    "a user's standing is told with its version",
    async ({ store, clock }) => {
      const ann = await makeUserIn(store, { roles: ["reader"] });
      const state = { kind: "user_state", userId: ann.id, status: "active", bannedUntil: null };
      const risen = { ...state, version: raisedTo(clock), roles: ["editor"] };
      equal(await changesOf(store, () => store.setRoles(ann.id, ["editor"])), [risen], "new roles");
      const banned = { ...risen, version: raisedTo(clock, 2), status: "banned", bannedUntil: 9e12 };
      const ban = () => store.banUser(ann.id, { until: 9e12, reason: null });
      const raised = { kind: "user_epoch", userId: ann.id, epoch: raisedTo(clock) };
      same(await changesOf(store, ban), [raised, banned], "a ban");
      const free = { ...risen, version: raisedTo(clock, 3) };
      equal(await changesOf(store, () => store.unbanUser(ann.id)), [free], "its end");
      const gone = [{ kind: "user_deleted", userId: ann.id, epoch: raisedTo(clock, 2) }];
      equal(await changesOf(store, () => store.deleteUser(ann.id)), gone, "a deletion");
    },
  ],
  [
    "what the application's own table changes is told likewise, its ban apart from ours",
    async ({ store, clock }) => {
      await sync(store, external());
      const state = { kind: "user_state", userId: "ann", status: "active", bannedUntil: null };
      const risen = { ...state, version: raisedTo(clock), roles: ["admin"] };
      const roles = ["admin"];
      equal(await changesOf(store, () => sync(store, external({ roles }))), [risen], "new roles");
      const raised = { kind: "user_epoch", userId: "ann", epoch: raisedTo(clock) };
      const banned = { ...risen, version: raisedTo(clock, 2), status: "banned", ownBan: null };
      const ban = () => sync(store, external({ roles, status: "banned" }));
      same(await changesOf(store, ban), [raised, banned], "a ban");
      const ours = { ...banned, version: raisedTo(clock, 3), ownBan: { until: 9e12 } };
      const both = () => store.banUser("ann", { until: 9e12, reason: null });
      same(await changesOf(store, both), [{ ...raised, epoch: raisedTo(clock, 2) }, ours], "ours too");
      const lifted = { ...risen, version: raisedTo(clock, 4), status: "banned", bannedUntil: 9e12 };
      equal(await changesOf(store, () => sync(store, external({ roles }))), [lifted], "theirs lifted");
      equal(await changesOf(store, () => sync(store, external({ roles, name: "Anna" }))), [], "a name");
    },
  ],
  [
    "keys for access tokens are told when they are added and when they are retired",
    async ({ store, clock }) => {
      const add = (id: string) => store.addFirstKey(aKey(id, "access", "EdDSA"));
      const added = (keyId: string, activatesAt: number) => ({ kind: "key_added", keyId, activatesAt });
      const retired = (keyId: string, retiresAt: number) => ({ kind: "key_retired", keyId, retiresAt });
      const now = clock.read();
      const other = () => store.addFirstKey(aKey("m", "session", "HS256"));
      equal(await changesOf(store, other), [], "one for another purpose");
      equal(await changesOf(store, () => add("a")), [added("a", now)], "the first");
      const rotate = (id: string, compromised: boolean) =>
        store.rotateKey({
          ...{ key: aKey(id, "access", "EdDSA"), activatesIn: 10, overlap: 20, compromised },
          audit: anEntry("keys_rotated"),
        });
      const rotation = await changesOf(store, () => rotate("b", false));
      same(rotation, [retired("a", now + 30), added("b", now + 10)], "a rotation");
      equal(await changesOf(store, () => rotate("c", false)), [], "a rotation while one waits");
      const compromise = await changesOf(store, () => rotate("d", true));
      const both = [retired("a", now), retired("b", now)];
      same(compromise, [...both, added("d", now)], "a compromise");
    },
  ],
  [
    "what changes nothing for verifiers, and what is refused, is not in the log",
    async ({ store }) => {
      const ann = await makeUserIn(store);
      const { session } = await signIn(store, ann);
      const steps: readonly ((on: Store) => Promise<unknown>)[] = [
        (on) => on.createUser(aUser()),
        (on) => on.openSession(opening(ann)),
        (on) => on.openSession(opening({ create: aUser({ email: ann.email }) }, { replaces: session.id })),
        (on) => on.openSession(opening({ ...ann, epoch: 7 }, { replaces: session.id })),
        (on) => on.openSession(opening(ann, { limit: { max: 1, onLimit: "refuse" }, session: aSession() })),
        (on) => on.updateUser(ann.id, { name: "Ann" }),
        (on) => on.updateSession(session.id, 0, { cart: [] }),
        (on) => on.touchSession(session.id, -1),
        (on) => on.setRoles(ann.id, []),
        (on) => on.setRoles("nobody", ["admin"]),
        (on) => on.unbanUser(ann.id),
        (on) => on.endSession(session.id, "revoked", { userId: "somebody" }),
        (on) => on.endSessions("nobody", "revoked"),
        (on) => on.deleteUser(ann.id, { epoch: 7 }),
        (on) => on.appendAudit(anEntry("signed_out")),
        (on) => on.purgeSessions(0, 100),
      ];
      for (const [i, step] of steps.entries())
        equal(await changesOf(store, () => step(store)), [], `step ${i}`);
    },
  ],
];

/** The changes of one step have no order of their own. */
function same(changes: readonly Change[], expected: readonly object[], what: string): void {
  const left = [...expected];
  for (const change of changes) {
    const { kind, ...members } = change;
    const [subject] = Object.values(members);
    const at = left.findIndex(
      (it) => JSON.stringify(it).includes(`"${kind}"`) && Object.values(it).includes(subject),
    );
    equal(change, left.splice(at, 1)[0], what);
  }
  equal(left, [], `${what}: what is missing`);
}
