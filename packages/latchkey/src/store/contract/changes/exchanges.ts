import type { Change, RecordExchange, SessionId, Store, UserRecord } from "../../../types.ts";
import { equal } from "../stage/assert.ts";
import { atOnce } from "../stage/at-once.ts";
import { aSessionId, type ContractCase, makeUserIn, signIn } from "../stage/scene.ts";
import { changesOf } from "./follow.ts";

/** A session that is about to be exchanged for the bank. */
function forBank({ id, epoch }: UserRecord, sessionId: SessionId): RecordExchange {
  return { sessionId, userId: id, userEpoch: epoch, audience: "bank" };
}

/** Whom each change names, by its kind. */
function named(changes: readonly Change[]): { [kind: string]: readonly string[] | undefined } {
  return Object.fromEntries(
    changes.map((change) => [change.kind, "audiences" in change ? change.audiences : undefined]),
  );
}

/** What third parties must be told (P5). */
export const exchangeCases: readonly ContractCase[] = [
  [
    "what ends a session, or all that its user holds, names the third parties that it was exchanged for",
    async ({ store, handles: [, other] }) => {
      const ann = await makeUserIn(store);
      const [kept, ended] = [(await signIn(store, ann)).session, (await signIn(store, ann)).session];
      const exchange = async (session: SessionId, audience: string): Promise<void> =>
        equal(await store.recordExchange({ ...forBank(ann, session), audience }), true, audience);
      await exchange(ended.id, "bank");
      await exchange(ended.id, "bank");
      await exchange(kept.id, "shop");
      await exchange(ended.id, "mail");
      const end = await changesOf(store, () => other.endSession(ended.id, "revoked"));
      equal(named(end), { session_ended: ["bank", "mail"] }, "the end of a session");
      const keep = { id: kept.id, tokenHash: null };
      const change = () =>
        other.changePassword({ userId: ann.id, epoch: 0, passwordHash: "$new", keep, audit: null });
      const all = ["bank", "shop", "mail"];
      const renewed = { session_epoch: ["shop"], user_epoch: all };
      equal(named(await changesOf(store, change)), renewed, "another password");
      const ban = await changesOf(store, () => other.banUser(ann.id, { until: null, reason: null }));
      equal(named(ban), { session_ended: ["shop"], user_epoch: all, user_state: undefined }, "a ban");
      const gone = await changesOf(store, () => other.deleteUser(ann.id));
      equal(named(gone), { user_deleted: all }, "a deletion");
    },
  ],
  [
    "a session without a row is noted with its user alone",
    async ({ store }) => {
      const ann = await makeUserIn(store);
      equal(await store.recordExchange(forBank(ann, aSessionId())), true, "the answer");
      const end = await changesOf(store, () => store.endSessions(ann.id, "revoked"));
      equal(named(end), { user_epoch: ["bank"] }, "the end of all sessions");
    },
  ],
  [
    "what has ended is not exchanged any more",
    async ({ store, clock }) => {
      const [ann, bob] = [await makeUserIn(store), await makeUserIn(store)];
      const short = (await signIn(store, ann, { expiresIn: 60 })).session;
      const { session } = await signIn(store, ann);
      const refused = async (exchange: RecordExchange, why: string): Promise<void> =>
        equal(await store.recordExchange(exchange), false, why);
      await refused(forBank(bob, session.id), "another's");
      await refused({ ...forBank(ann, session.id), userEpoch: 1 }, "another epoch");
      await refused({ ...forBank(ann, session.id), userId: "nobody" }, "nobody's");
      clock.advance(61_000);
      await refused(forBank(ann, short.id), "expired");
      await store.endSession(session.id, "revoked");
      await refused(forBank(ann, session.id), "ended");
      const read = await store.readSession(session.id);
      equal([read.session?.audiences, read.user?.audiences], [[], []], "what is noted");
      equal((await store.readSession(session.id)).session?.endReason, "revoked", "the session");
    },
  ],
  [
    "of many who exchange one session at once none is forgotten, and none slips past its end",
    async ({ store, handles }) => {
      for (let round = 0; round < 10; round += 1) {
        const ann = await makeUserIn(store);
        const { session } = await signIn(store, ann);
        const exchanged = new Set<string>();
        const step = async (handle: Store, i: number): Promise<unknown> => {
          if (i === 4) return handle.endSession(session.id, "revoked");
          const audience = `party-${i}`;
          const isNoted = await handle.recordExchange({ ...forBank(ann, session.id), audience });
          if (isNoted) exchanged.add(audience);
          return isNoted;
        };
        const changes = await changesOf(store, () => atOnce(8, handles, step));
        const [ended] = changes.filter(({ kind }) => kind === "session_ended");
        const told = ended !== undefined && "audiences" in ended ? [...(ended.audiences ?? [])] : [];
        equal(told.sort(), [...exchanged].sort(), "whom the end names");
      }
    },
  ],
];
