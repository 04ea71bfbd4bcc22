import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { type Auth, messageOf } from "latchkey";
import type { Settings } from "../settings/settings.ts";
import { mistake } from "../start-error.ts";

/** The role that administers; the library gives it every permission unless told otherwise. */
export const adminRole = "admin";

/** Guards the page that makes the first administrator. */
export interface SetupGate {
  /** Whether this is the token of the link that the start printed, and the link still works. */
  admits(token: string): boolean;
  /** Ends the link. */
  close(): void;
}

/**
 * Makes the administrator that the environment names, unless somebody is one already.
 *
 * @throws StartError (exit code 2) if the address or the password is refused
 */
export async function makeAdmin(auth: Auth, admin: NonNullable<Settings["admin"]>): Promise<boolean> {
  if (await auth.api.hasRole({ role: adminRole })) return false;
  if (auth.roles?.has(adminRole) === false)
    throw mistake(
      "roles",
      [...auth.roles.keys()].join(", "),
      `add "${adminRole}", e.g. "${adminRole}": ["*"].`,
    );
  const made = await auth.api.createUser({ ...admin, roles: [adminRole], firstOf: adminRole });
  if (made.ok) return true;
  if (made.code === "role_taken") return false;
  const words = `${messageOf(made.code)} ${made.detail ?? ""}`.trim();
  if (made.code.startsWith("password_")) throw mistake("LATCHKEY_ADMIN_PASSWORD", "refused", words);
  throw mistake("LATCHKEY_ADMIN_EMAIL", JSON.stringify(admin.email), words);
}

/** A gate with a fresh token, of which only the hash is kept. Without an administrator to make, one that is shut. */
export function makeSetupGate(needed: boolean): {
  readonly gate: SetupGate;
  readonly token: string | undefined;
} {
  const token = needed ? randomBytes(32).toString("base64url") : undefined;
  let expected = token === undefined ? undefined : digest(token);
  const gate: SetupGate = {
    admits: (given) => expected !== undefined && timingSafeEqual(expected, digest(given)),
    close: () => {
      expected = undefined;
    },
  };
  return { gate, token };
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
