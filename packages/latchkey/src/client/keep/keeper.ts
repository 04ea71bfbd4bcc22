/** What an answer of the server says of the credential. */
export interface Given {
  readonly sessionToken?: string;
  readonly accessToken?: string;
  readonly refreshToken?: string;
  readonly deviceToken?: string;
  /** Seconds until the access token expires. */
  readonly expiresIn?: number;
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
  refreshBody(): { readonly refreshToken?: string };
  /** The same until an answer has come, so that a lost one can be asked for again (P20). */
  renewalKey(): Promise<string>;
  /** Milliseconds until it should be renewed; undefined: never. */
  dueIn(): number | undefined;
  /** Whether its time is up, as far as one can know: another one is needed before anything is asked for. */
  isOver(): boolean;
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
  deviceToken(): Promise<{ readonly deviceToken?: string }>;
}

/** Renewing begins here in the life of an access token, so that a second attempt has the time, and not for all at once. */
const [due, spread] = [5 / 6, 1 / 12];

/** When (`now()`) a credential should be renewed, and when it is over. */
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

/** Nobody can guess it; where there is no randomness it is told apart at least. */
export function randomKey(): string {
  const { crypto } = globalThis;
  if (crypto?.getRandomValues === undefined) return `${Math.random()}${Math.random()}`.replaceAll("0.", "");
  return [...crypto.getRandomValues(new Uint32Array(4))].join("-");
}
