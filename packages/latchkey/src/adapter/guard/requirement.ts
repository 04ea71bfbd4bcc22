import { type ErrorCode, misuse } from "../../errors.ts";
import { covers } from "../../lib/access/roles.ts";
import type { Auth, Authenticated } from "../../types.ts";
import { safeNext } from "./safe-next.ts";

/** What somebody must have for a route. Nothing of it: only be signed in. */
export interface Requirement {
  /** One of the user's roles. */
  readonly role?: string | undefined;
  /** What one of the user's roles permits, e.g. `post:write`. */
  readonly permission?: string | undefined;
  /** Most seconds since they signed in: 403 `not_fresh` after. */
  readonly fresh?: number | undefined;
  /** True: the route is for everybody, and says something else to those who are signed in. */
  readonly optional?: boolean | undefined;
}

/** Options of every adapter. */
export interface AdapterOptions {
  /**
   * The path of the application's page that signs in, e.g. `/sign-in`. A page that wants somebody who is signed in sends
   * everybody else there, with the way back in `next` (read it with `safeNext`). Default: they are answered 401.
   */
  readonly signIn?: string | undefined;
  /** Told of each fault that was answered 503, for a log. */
  readonly onFault?: ((fault: Error) => void) | undefined;
}

const names = ["role", "permission", "fresh", "optional"];

/**
 * @throws LatchkeyError `misuse`: a requirement that is mistyped would let everybody in, and one that names what nobody can
 * have nobody.
 */
export function checkRequirement(requirement: Requirement, roles: Auth["roles"]): void {
  if ("req" in requirement || "headers" in requirement)
    misuse("requireAuth() makes a middleware and is none: write requireAuth(), with parentheses.");
  const unknown = Object.keys(requirement).find((name) => !names.includes(name));
  if (unknown !== undefined)
    misuse(`requireAuth(): there is no "${unknown}"; a requirement has ${names.join(", ")}.`);
  const { role, permission, fresh } = requirement;
  for (const [name, value] of Object.entries({ role, permission })) {
    if (value !== undefined && (typeof value !== "string" || value === ""))
      misuse(`requireAuth(): ${name} is a text that is not empty.`);
  }
  if (fresh !== undefined && !(Number.isFinite(fresh) && fresh > 0))
    misuse("requireAuth(): fresh is a number of seconds above 0.");
  if (roles !== undefined) checkNames(requirement, roles);
}

/** `*` says nothing of what there is: a permission must stand in the roles by its name, or as part of `post:*`. */
function checkNames({ role, permission }: Requirement, roles: NonNullable<Auth["roles"]>): void {
  if (role !== undefined && !roles.has(role))
    misuse(`requireAuth(): there is no role "${role}"; \`roles\` has ${listed(roles.keys())}.`);
  if (permission === undefined) return;
  const granted = new Set([...roles.values()].flat().filter((one) => one !== "*"));
  // Where none is named, nobody has said which there are.
  if (granted.size === 0 || [...granted, "admin:*"].some((one) => covers(one, permission))) return;
  misuse(
    `requireAuth(): no role names the permission "${permission}"; \`roles\` names ${listed(granted)}. What only "*" grants is written beside it: admin: ["*", "${permission}"].`,
  );
}

function listed(names: Iterable<string>): string {
  return [...names].join(", ") || "none";
}

/** @throws LatchkeyError `misuse` */
export function checkOptions({ signIn }: AdapterOptions): void {
  if (signIn !== undefined && safeNext(signIn) !== signIn)
    misuse('signIn: give the path of a page of this application, e.g. "/sign-in".');
}

/** What somebody lacks. Signing in again gives nobody a role, so that comes first. */
export function lackOf(
  { user, session, can }: Authenticated,
  { role, permission, fresh }: Requirement,
  now: () => number,
): ErrorCode | undefined {
  if (role !== undefined && !user.roles.includes(role)) return "forbidden";
  if (permission !== undefined && !can(permission)) return "forbidden";
  if (fresh !== undefined && now() - session.authTime > fresh * 1000) return "not_fresh";
  return undefined;
}
