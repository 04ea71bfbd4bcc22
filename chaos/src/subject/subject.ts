import type { Call, Reply } from "../load/http.ts";

/** A credential as its client holds it. */
export interface Carried {
  readonly headers: { readonly [name: string]: string };
  /** When it expires by itself, by `performance.now()`; null: it does not say. */
  readonly expires: number | null;
}

/** What a sign-in, a refresh or a password change gave. */
export interface Opened {
  readonly user: string;
  readonly session: string;
  readonly carried: Carried;
  readonly refreshToken: string | null;
}

/** Which user, by what each subject knows them. */
export interface Account {
  readonly email: string;
  readonly password: string;
}

/** What is tried: how to ask it for each thing, and what it promises. */
export interface Subject {
  readonly strategies: readonly string[];
  /** As {@link Promised.bound}. */
  bound(strategy: string): number | null;
  /** Whether roles, passwords and receipts are among what it can. */
  readonly isWhole: boolean;
  /** Signs the administrator in. */
  prepare(ask: (call: Call) => Promise<Reply>): Promise<void>;
  signUp(account: Account, strategy: string): Call;
  signIn(account: Account, strategy: string): Call;
  /** Reads an answer that was done; `before` stands where the answer repeats nothing. */
  opened(reply: Reply): Opened;
  check(carried: Carried): Call;
  rolesIn(reply: Reply): string | undefined;
  get(carried: Carried): Call;
  seenIn(reply: Reply): readonly string[];
  /** Writes a member into the session's data, and takes its time for it. */
  work(carried: Carried, member: string, milliseconds: number): Call;
  refresh(token: string, key: string | undefined): Call;
  signOut(carried: Carried): Call;
  revokeSession(user: string, session: string, confirm: boolean): Call;
  revokeOthers(carried: Carried, keep: string, user: string, confirm: boolean): Call;
  revokeUser(user: string, confirm: boolean): Call;
  ban(user: string, confirm: boolean): Call;
  unban(user: string): Call;
  setRole(user: string, role: string, confirm: boolean): Call;
  changePassword(carried: Carried, from: string, to: string): Call;
  /** Whether a receipt says that it is known everywhere. */
  isComplete(reply: Reply): boolean;
}
