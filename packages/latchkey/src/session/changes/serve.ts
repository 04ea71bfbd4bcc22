import { type Refusal, refuse } from "../../errors.ts";
import { checkServiceToken } from "../../token/signed/service.ts";
import type { ChangesPage, LeaseRenewal, Position, Service } from "../../types.ts";
import type { ApiContext } from "../context.ts";
import { readGlobalEpoch } from "../oauth/global-epoch.ts";
import { makeAdmission } from "./admission.ts";
import { longestLease, makeLongestLease } from "./longest.ts";
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

/** Entries of one answer, and the longest wait in milliseconds. */
const pageSize = 1000;
const longestWait = 15_000;

/** Answers whoever follows the change log over HTTP. */
export type ServeChanges = (request: ChangesRequest) => Promise<ServedChanges | Refusal>;

export function changesServer(context: ApiContext): ServeChanges {
  const monotonic = (): number => performance.now();
  const admission = makeAdmission(longestLease, monotonic);
  const { store, settings } = context;
  const longest = makeLongestLease(settings, store, monotonic);

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
      if (own !== null) await longest.reckonWith(own.duration);
      const wanted = { after, limit: pageSize, waitMs: Math.min(waitMs, longestWait), lease: own };
      const page = await readFor(service, store, wanted);
      if (page.reset !== false) longest.doubt();
      return { ok: true, ...page, nonce, age: 0 };
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
    duration: Math.min(lease.duration, longestLease),
  };
}
