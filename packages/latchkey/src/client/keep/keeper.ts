/** What an answer of the server says of the credential. */
export interface Given {
  readonly sessionToken?: string;
  readonly accessToken?: string;
  readonly refreshToken?: string;
  readonly deviceToken?: string;
  /** Seconds until the access token expires. */
  readonly expiresIn?: number | undefined;
}

/** Holds the credential, as far as one can: of a cookie client only when it must be renewed. */
export interface Keeper {
  /** Reads what is held; `fresh`: also what another tab may have put there. False: there is surely none. */
  load(fresh?: boolean): Promise<boolean>;
  /** The headers that carry it. */
  headers(): { readonly [name: string]: string };
  /** Whether there is something to renew it with. */
  canRenew(): boolean;
  /** What `POST /refresh` is sent. */
  refreshBody(): { readonly refreshToken?: string | undefined };
  /** The same until an answer has come, so that a lost one can be asked for again (P20). */
  renewalKey(): Promise<string>;
  /** undefined: nothing is known of its end. */
  life(): Life | undefined;
  /** When (`now()`) it was last replaced by another. */
  changedAt(): number;
  /**
   * Keeps what an answer gave to a request sent at that time. `renewed`: by renewing, so it must not replace anything but
   * what it was made from.
   */
  keep(given: Given, sentAt: number, renewed: boolean): Promise<void>;
  /** Forgets it; false: it has been replaced since that time. */
  drop(since: number): Promise<boolean>;
  /** What the device is known by; sent with a sign-in. */
  deviceToken(): Promise<string | undefined>;
}

/** Renewing begins here in the life of an access token, so that a second attempt has the time, and not for all at once. */
const [due, spread] = [5 / 6, 1 / 12];

/** When (`now()`) a credential should be renewed; and when it is over, so that another is needed before anything is asked. */
export interface Life {
  readonly dueAt: number;
  readonly overAt: number;
}

/** Servers count whole seconds, and what is sent has to hold until it is there: milliseconds. */
const margin = 2000;

/** Of what has so many milliseconds to live from then on. */
export function lifeFrom(begin: number, milliseconds: number): Life {
  const overAt = begin + milliseconds - margin;
  return { dueAt: begin + milliseconds * (due + Math.random() * spread), overAt };
}

/** Where something cannot be done, it is left undone: some browsers have no storage in private windows, others a full one. */
export async function quietly<Value>(act: () => Promise<Value> | Value): Promise<Value | undefined> {
  try {
    return await act();
  } catch {
    return undefined;
  }
}

/** Nobody can guess it; where there is no randomness it is told apart at least. */
export function randomKey(): string {
  const { crypto } = globalThis;
  const poor = (): number => Math.random() * 2 ** 53;
  return [...(crypto?.getRandomValues?.(new Uint32Array(4)) ?? [poor(), poor()])].join("-");
}
