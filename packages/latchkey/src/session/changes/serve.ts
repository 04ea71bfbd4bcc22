import { type Refusal, refuse } from "../../errors.ts";
import { leaseTime } from "../../replica/follow/reader.ts";
import { checkServiceToken } from "../../token/signed/service.ts";
import type { ChangesPage, LeaseRenewal, Position, Service } from "../../types.ts";
import type { ApiContext } from "../context.ts";
import { readGlobalEpoch } from "../oauth/global-epoch.ts";
import { makeAdmission } from "./admission.ts";
import { countersApart, readFor } from "./view.ts";

/** What a service must be allowed to follow the change log. */
const changesScope = "changes:read";

/** What a verifier asks for. Untrusted until checked. */
export interface ChangesRequest {
  /** The service token. */
  readonly token: string;
  readonly after: Position | null;
  readonly waitMs: number;
  readonly nonce: string;
  /** null: none is taken; a duration of 0: it is given back. */
  readonly lease: LeaseRenewal | null;
}

/** What it is answered. */
export interface ServedChanges extends ChangesPage {
  readonly ok: true;
  /** That of the request: an answer to another one, from a cache, proves nothing (P9). */
  readonly nonce: string;
  /** How old this is already when it leaves, in milliseconds. This server asks the store itself. */
  readonly age: 0;
}

/** Entries of one answer, the longest wait, and the longest bound of a remote verifier: milliseconds. */
const pageSize = 1000;
const longestWait = 15_000;
const longestBound = 60_000;

/** Answers whoever follows the change log over HTTP. */
export type ServeChanges = (request: ChangesRequest) => Promise<ServedChanges | Refusal>;

export function changesServer(context: ApiContext): ServeChanges {
  const admission = makeAdmission(leaseTime(longestBound), () => performance.now());
  const { store } = context;

  async function giveBack({ id: service }: Service, { id }: LeaseRenewal): Promise<void> {
    admission.forget(service, id);
    await store.dropLease(id);
  }

  return async ({ token, after, waitMs, nonce, lease }) => {
    const service = await findService(context, token);
    if ("code" in service) return service;
    const asked = lease === null ? null : ownLease(service, lease);
    if (asked?.duration === 0) await giveBack(service, asked);
    const own = asked?.duration === 0 ? null : asked;
    const entered = admission.enter(service.id, own?.id ?? null);
    if (!entered.ok) return entered;
    try {
      const wanted = { after, limit: pageSize, waitMs: Math.min(waitMs, longestWait), lease: own };
      return { ok: true, ...(await readFor(service, store, wanted)), nonce, age: 0 };
    } finally {
      entered.leave();
    }
  };
}

/** The service whose token this is, if it may read changes. */
async function findService(context: ApiContext, token: string): Promise<Service | Refusal> {
  const { settings, store, clock } = context;
  const { access: keys } = await context.keyring();
  const { issuer, audience } = settings;
  const audiences = { has: (name: string) => name === audience };
  const checked = await checkServiceToken({ keys, issuer, audiences, now: clock() }, token);
  const service = checked && settings.services.get(checked.claims.client_id);
  if (checked === undefined || service === undefined) return refuse("credential_invalid");
  if (checked.expired) return refuse("access_expired");
  // P31: what was issued before everything was revoked ends like all the rest.
  if (checked.claims.epo[0] < (await readGlobalEpoch(store)).globalEpoch) return refuse("session_ended");
  const granted = checked.claims.scope?.split(" ") ?? [];
  const isAllowed = granted.includes(changesScope) && service.scopes.includes(changesScope);
  return isAllowed ? service : refuse("forbidden");
}

/** Nobody renews the lease of another, and none keeps receipts waiting for ever (P17). */
function ownLease({ id }: Service, lease: LeaseRenewal): LeaseRenewal {
  return {
    ...lease,
    id: `${id}:${lease.id}`,
    counter: lease.counter * countersApart,
    node: `${id} ${lease.node}`,
    duration: Math.min(lease.duration, leaseTime(longestBound)),
  };
}
