import type { Change } from "../../../types.ts";
import { aKey } from "../keys/first.ts";
import { equal } from "../stage/assert.ts";
import { aSessionId, type ContractCase, isAccepted, makeUserIn, raisedTo, signIn } from "../stage/scene.ts";
import { external, sync } from "../stage/synced.ts";
import { changesOf } from "./follow.ts";

/** What the port says of making good what a store has lost (P13). */
export const restoreCases: readonly ContractCase[] = [
  [
    "restoreChanges makes epochs and versions at least those of the changes, and ends what is said to have ended",
    async ({ store, clock }) => {
      const ann = await makeUserIn(store, { roles: ["reader"] });
      const [ended, renewed] = [(await signIn(store, ann)).session, (await signIn(store, ann)).session];
      await store.addFirstKey(aKey("k", "access", "EdDSA"));
      const changes: readonly Change[] = [
        { kind: "session_ended", sessionId: ended.id, userId: ann.id },
        { kind: "session_epoch", sessionId: renewed.id, userId: ann.id, epoch: 4 },
        {
          ...{ kind: "user_state", userId: ann.id, version: 3, roles: ["editor"] },
          ...{ status: "banned", bannedUntil: null },
        },
        { kind: "user_epoch", userId: ann.id, epoch: 2 },
        { kind: "global_epoch", epoch: 5 },
        { kind: "key_retired", keyId: "k", retiresAt: clock.read() },
      ];
      const written = await changesOf(store, async () =>
        equal(await store.restoreChanges(changes), 6, "how many had an effect"),
      );
      equal(written, changes, "what is in the log");
      const [first, second] = [await store.readSession(ended.id), await store.readSession(renewed.id)];
      equal([first.session?.endReason, second.session?.epoch], ["revoked", 4], "the sessions");
      equal([isAccepted(first), isAccepted(second)], [false, false], "whether they are accepted");
      equal(second.user, { ...ann, epoch: 2, version: 3, roles: ["editor"], status: "banned" }, "the user");
      equal([second.globalEpoch, (await store.listKeys()).keys], [5, []], "epoch and keys");
      equal((await store.listUsers({ role: "editor", limit: 9 })).length, 1, "who holds the role");
      const again = async () => equal(await store.restoreChanges(changes), 0, "how many had one again");
      equal(await changesOf(store, again), [], "what is in the log then");
    },
  ],
  [
    "restoreChanges lowers nothing, revives nothing, and makes nothing",
    async ({ store, clock }) => {
      const ann = await makeUserIn(store);
      const { session } = await signIn(store, ann);
      for (const roles of [["a"], ["b"], ["c"]]) await store.setRoles(ann.id, roles);
      await store.endSessions(ann.id, "revoked");
      await store.endEverything();
      const before = await store.readSession(session.id);
      const changes: readonly Change[] = [
        { kind: "session_epoch", sessionId: session.id, userId: ann.id, epoch: 9 },
        { kind: "session_ended", sessionId: session.id, userId: ann.id },
        { kind: "user_epoch", userId: ann.id, epoch: 1 },
        { kind: "user_deleted", userId: ann.id, epoch: 1 },
        {
          ...{ kind: "user_state", userId: ann.id, version: 3, roles: ["x"] },
          ...{ status: "banned", bannedUntil: null },
        },
        { kind: "global_epoch", epoch: 1 },
        { kind: "key_added", keyId: "k", activatesAt: clock.read() },
        { kind: "key_retired", keyId: "k", retiresAt: clock.read() },
      ];
      equal(await store.restoreChanges(changes), 0, "how many had an effect");
      equal(await store.readSession(session.id), before, "what the store holds");
    },
  ],
  [
    "restoreChanges notes the end of a session that is not there, once, and it is not heard of as another",
    async ({ store }) => {
      const ann = await makeUserIn(store);
      const lost: Change = { kind: "session_ended", sessionId: aSessionId(), userId: ann.id };
      const ofNobody: Change = { kind: "session_ended", sessionId: aSessionId(), userId: "nobody" };
      const written = await changesOf(store, async () =>
        equal(await store.restoreChanges([lost, ofNobody]), 2, "how many had an effect"),
      );
      equal(written, [lost, ofNobody], "what is in the log");
      const again = async () => equal(await store.restoreChanges([lost]), 0, "how many had one again");
      equal(await changesOf(store, again), [], "what is in the log then");
      const read = await store.readSession(lost.sessionId);
      equal(
        [read.session?.userId, read.session?.endReason],
        [ann.id, "revoked"],
        "what the store says of it",
      );
      equal([isAccepted(read), read.user?.id], [false, ann.id], "whether it is accepted, and whose it was");
      equal(await store.listSessions(ann.id), [], "the user's sessions");
      equal(await store.touchSession(lost.sessionId, 0), false, "whether it can be used");
    },
  ],
  [
    "restoreChanges tells the log of a user who is not there",
    async ({ store }) => {
      const revoked: Change = { kind: "user_epoch", userId: "nobody", epoch: 3 };
      const deleted: Change = { kind: "user_deleted", userId: "no one", epoch: 4 };
      const written = await changesOf(store, () => store.restoreChanges([revoked, deleted]));
      equal(written, [revoked, deleted], "what is in the log");
    },
  ],
  [
    "restoreChanges deletes who was deleted, not who was made again since",
    async ({ store, clock }) => {
      const ann = await makeUserIn(store);
      const { session } = await signIn(store, ann);
      const gone: Change = { kind: "user_deleted", userId: ann.id, epoch: raisedTo(clock) };
      const ended: Change = { kind: "session_ended", sessionId: session.id, userId: ann.id };
      equal(await changesOf(store, () => store.restoreChanges([gone])), [ended, gone], "what is in the log");
      equal(await store.findUser({ id: ann.id }), undefined, "the user");
      const bob = await makeUserIn(store);
      await store.endSessions(bob.id, "revoked");
      equal(await store.restoreChanges([{ ...gone, userId: bob.id }]), 0, "of a lower epoch");
    },
  ],
  [
    "restoreChanges raises what an id begins with that comes back, also of a user whom the store has lost",
    async ({ store, clock }) => {
      const state = { kind: "user_state", roles: ["x"], status: "active", bannedUntil: null } as const;
      await store.restoreChanges([{ ...state, userId: "ann", version: 7 }]);
      const ann = (await sync(store, external())).user;
      equal([ann.version, ann.epoch], [8, 8], "after a version");
      await store.restoreChanges([{ kind: "user_deleted", userId: "bob", epoch: 20 }]);
      const bob = (await sync(store, external({ id: "bob", email: null }))).user;
      equal([bob.version, bob.epoch], [20, 20], "after a deletion");
      await store.restoreChanges([{ kind: "user_deleted", userId: "bob", epoch: raisedTo(clock, 30) }]);
      equal(
        (await sync(store, external({ id: "bob", email: null }))).user.epoch,
        raisedTo(clock, 30),
        "after another",
      );
    },
  ],
  [
    "restoreChanges keeps the two locks of a ban apart",
    async ({ store, clock }) => {
      const { user } = await sync(store, external());
      const state = { kind: "user_state", userId: "ann", roles: ["editor"], bannedUntil: null } as const;
      await store.restoreChanges([{ ...state, version: 5, status: "banned", ownBan: null }]);
      const theirs = { ...user, version: 5, externalBan: true };
      equal(await store.findUser({ id: "ann" }), theirs, "theirs");
      equal((await sync(store, external())).user.externalBan, false, "which the table lifts");
      await store.restoreChanges([
        { ...state, version: raisedTo(clock, 9), status: "banned", ownBan: { until: 9e12 } },
      ]);
      const left = (await sync(store, external())).user;
      equal(
        [left.status, left.bannedUntil, left.externalBan],
        ["banned", 9e12, false],
        "ours, which it does not",
      );
      await store.restoreChanges([{ ...state, version: raisedTo(clock, 20), status: "banned" }]);
      const own = await store.findUser({ id: "ann" });
      equal([own?.status, own?.bannedUntil, own?.externalBan], ["banned", null, false], "ours alone");
    },
  ],
];
