import type { Refusal } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import type { EventBus } from "../../session/events/bus.ts";
import type {
  AuditEntry,
  CallContext,
  ChangePassword,
  NewExternalUser,
  OpenedSession,
  OpenSession,
  PasswordHasher,
  Settings,
  Store,
  UserChanged,
  UserRecord,
  UsersPort,
} from "../../types.ts";

/** What an application that keeps its users itself may have kept to itself too. */
export type AccountVerb = Extract<
  keyof UsersPort,
  "createUser" | "changePassword" | "setName" | "deleteUser"
>;

/** What came of an address and a password. */
export type Proven =
  /** Theirs. The epoch was read before the password was looked at: what is revoked since then conflicts (P2). */
  | { readonly ok: true; readonly id: string; readonly epoch: number }
  | { readonly ok: false; readonly code: "invalid_credentials"; readonly userId: string | null }
  | { readonly ok: false; readonly code: "conflict" };

/** A new password that may be written, or has been; `write` is the step that ends the other sessions. */
export interface PasswordChange {
  readonly ok: true;
  readonly write: (keep: ChangePassword["keep"], audit: AuditEntry) => Promise<OpenedSession | Refusal>;
}

/** Answers of steps that concern one user. */
export type UserAnswer = { readonly ok: true; readonly user: UserRecord } | Refusal;
export type RemovedAnswer = { readonly ok: true; readonly ended: number } | Refusal;

/**
 * Where addresses, names and passwords are kept: in our own table, or in one that the application brings. There is one
 * implementation for each, and nobody else asks which it is. Epochs, bans of ours and sessions are in the store anyway.
 */
export interface Accounts {
  /** Why this is not done here; undefined: it is. To be asked first. */
  lacks(verb: AccountVerb): Refusal | undefined;
  findId(email: string): Promise<string | undefined>;
  /** Takes the same time whether there is such a user or not. */
  prove(email: string, password: string): Promise<Proven>;
  /** What the step that opens the session is to make, or whom it is to let in. */
  signUp(account: NewExternalUser): Promise<OpenSession["user"] | Refusal>;
  create(
    account: NewExternalUser,
    options: {
      readonly unlessRole: string | undefined;
      readonly audit: (userId: string) => AuditEntry;
    },
  ): Promise<UserAnswer>;
  /** Whether it is the password of someone who is signed in. */
  isPassword(user: UserRecord, password: string): Promise<boolean>;
  /** `wrong_password` if `current` is not. */
  changePassword(user: UserRecord, current: string, next: string): Promise<PasswordChange | Refusal>;
  setName(userId: string, name: string | null, audit: AuditEntry): Promise<UserAnswer>;
  /** Ends every session too. With `epoch`, `conflict` if the user's is another. */
  remove(
    userId: string,
    options: { readonly epoch?: number; readonly audit: AuditEntry },
  ): Promise<RemovedAnswer>;
  /** Before a refresh: what the application says of the user by now is in the store when this is over. */
  bringUpToDate(user: UserRecord | undefined): Promise<void>;
  changed(userId: string, call: CallContext): Promise<UserChanged | Refusal>;
  /** Runs a step on a record that may not be there yet although the application knows the user. */
  known<Answer extends Stepped>(userId: string, step: () => Promise<Answer>): Promise<Answer>;
}

type Stepped = { readonly ok: true } | { readonly ok: false; readonly code: Refusal["code"] };

/** What both implementations work with. */
export interface AccountParts {
  readonly store: Store;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly hasher: PasswordHasher;
}
