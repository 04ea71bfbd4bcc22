import { z } from "zod";
import { isJsonObject } from "../lib/json.ts";
import { eventTypes } from "../session/events/types.ts";
import type { AuditQuery, Optional, SessionData, SignInEmail, SignUpEmail, UserQuery } from "../types.ts";
import { receipt } from "./schemas/receipts.ts";

/** Shapes of what comes in and goes out, once for checking, for types and for the OpenAPI document. */

const email = z
  .string()
  .min(3)
  .max(320)
  .meta({ format: "email", examples: ["ada@example.com"] });
const password = z.string().min(1).max(4096).meta({ format: "password" });
const name = z.string().trim().min(1).max(100);
const client = z
  .string()
  .max(32)
  .optional()
  .meta({ description: "Which configured client signs in.", examples: ["web"] });
const rememberMe = z.boolean().optional().meta({ description: "Default true." });
const deviceToken = z
  .string()
  .max(4096)
  .optional()
  .meta({ description: "Bearer clients: what the last sign-in gave. A cookie client sends its cookie." });
const time = z.iso.datetime();

export const signInBody: z.ZodType<SignInEmail> = z.strictObject({
  email,
  password,
  client,
  rememberMe,
  deviceToken,
});
export const signUpBody: z.ZodType<SignUpEmail> = z.strictObject({
  email,
  password,
  name: name.optional(),
  client,
  rememberMe,
  deviceToken,
});
export const idBody: z.ZodType<{ readonly id: string }> = z.strictObject({ id: z.string().min(1).max(64) });
export const dataBody: z.ZodType<{ readonly data: SessionData }> = z.strictObject({
  data: z
    .custom<{ readonly [key: string]: unknown }>(isJsonObject, "expected an object")
    .meta({ type: "object", description: "Merged into what is there; null removes a member." }),
});
export const changePasswordBody: z.ZodType<{
  readonly currentPassword: string;
  readonly newPassword: string;
}> = z.strictObject({ currentPassword: password, newPassword: password });
export const updateUserBody: z.ZodType<{ readonly name: string | null }> = z.strictObject({
  name: name.nullable(),
});
export const deleteUserBody: z.ZodType<{ readonly password: string }> = z.strictObject({ password });
export const refreshBody: z.ZodType<{ readonly refreshToken?: string | undefined } | undefined> = z
  .strictObject({ refreshToken: z.string().min(1).max(512).optional() })
  .optional()
  .meta({ description: "Bearer clients; a cookie client sends its cookies." });
export const emptyBody: z.ZodType<object | undefined> = z.strictObject({}).optional();

export const user: z.ZodType = z
  .object({
    id: z.string(),
    email: z.string().nullable(),
    name: z.string().nullable(),
    roles: z.array(z.string()),
    status: z.enum(["active", "banned"]),
    createdAt: time,
  })
  .meta({ id: "User" });

export const session: z.ZodType = z
  .object({
    id: z.string(),
    userId: z.string(),
    client: z.string(),
    createdAt: time,
    expiresAt: time,
    authTime: time,
    amr: z.array(z.string()),
    lastSeenAt: time,
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "Session" });

const permissions = z
  .array(z.string())
  .meta({ description: "What the user's roles are granted.", examples: [["post:*"]] });
const refreshableIn = z
  .number()
  .int()
  .optional()
  .meta({ description: "Of an access token that can be refreshed: seconds until it expires." });

export const signedIn: z.ZodType = z
  .object({
    user,
    session,
    permissions,
    sessionToken: z.string().optional().meta({ description: "Bearer clients of an opaque strategy." }),
    accessToken: z.string().optional().meta({ description: "Bearer clients of a JWT strategy." }),
    refreshToken: z.string().optional().meta({ description: "Gets the next pair at /refresh." }),
    refreshExpiresIn: z
      .number()
      .int()
      .optional()
      .meta({ description: "Seconds until it ends if it is not used." }),
    tokenType: z.literal("Bearer").optional(),
    expiresIn: z.number().int().optional().meta({ description: "Seconds until the credential ends." }),
    deviceToken: z.string().optional().meta({
      description: "Bearer clients, at sign-in and sign-up: keep it and send it at the next sign-in.",
    }),
  })
  .meta({ id: "SignedIn" });

export const device: z.ZodType = z
  .object({
    id: z.string(),
    current: z.boolean(),
    client: z.string(),
    device: z.string().nullable(),
    ipAddress: z.string().nullable(),
    userAgent: z.string().nullable(),
    createdAt: time,
    lastSeenAt: time,
    expiresAt: time,
  })
  .meta({ id: "Device" });

export const problem: z.ZodType = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string().optional(),
    until: time.optional(),
  })
  .meta({ id: "Problem" });

export const currentSession: z.ZodType = z
  .object({ user, session, permissions, expiresIn: refreshableIn })
  .nullable();
export const revoked: z.ZodType = z.object({
  revoked: z.number().int(),
  until: time.optional(),
  receipt: receipt.optional(),
});
export const signedOut: z.ZodType = z.object({ success: z.literal(true), until: time.optional() });
export const jwks: z.ZodType = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

const userId = z.string().min(1).max(200);
const reason = z.string().trim().min(1).max(500);

export const userIdBody: z.ZodType<{ readonly userId: string }> = z.strictObject({ userId });
export const banBody: z.ZodType<{
  readonly userId: string;
  readonly reason?: string | undefined;
  readonly expiresIn?: number | undefined;
}> = z.strictObject({
  userId,
  reason: reason.optional(),
  expiresIn: z.number().int().positive().optional().meta({ description: "Seconds; left out: without end." }),
});
export const roleBody: z.ZodType<{ readonly userId: string; readonly roles: readonly string[] }> =
  z.strictObject({
    userId,
    roles: z.array(z.string().min(1).max(64)).max(32),
  });
export const createUserBody: z.ZodType<{
  readonly email: string;
  readonly password: string;
  readonly name?: string | undefined;
  readonly roles?: readonly string[] | undefined;
}> = z.strictObject({
  email,
  password,
  name: name.optional(),
  roles: z.array(z.string().min(1).max(64)).max(32).optional(),
});
export const userSessionBody: z.ZodType<{ readonly userId: string; readonly id: string }> = z.strictObject({
  userId,
  id: z.string().min(1).max(64),
});
export const rotateKeysBody: z.ZodType<{ readonly compromised?: boolean | undefined } | undefined> = z
  .strictObject({ compromised: z.boolean().optional() })
  .optional();

const limit = z.coerce.number().int().min(1).max(200).optional();
export const userIdQuery: z.ZodType<{ readonly userId: string }> = z.strictObject({ userId });
export const usersQuery: z.ZodType<Optional<UserQuery>> = z.strictObject({
  search: z.string().min(1).max(200).optional(),
  role: z.string().min(1).max(64).optional(),
  status: z.enum(["active", "banned"]).optional(),
  after: z.string().min(1).max(200).optional(),
  limit,
});
export const eventsQuery: z.ZodType<Optional<AuditQuery>> = z.strictObject({
  userId: userId.optional(),
  type: z.enum(eventTypes).optional(),
  before: z.coerce.number().int().positive().optional(),
  limit,
});

export const userPage: z.ZodType = z.object({
  users: z.array(user),
  next: z.string().nullable().meta({ description: "`after` of the next page; null: that was the last." }),
});
export const eventPage: z.ZodType = z.object({
  events: z.array(z.object({ id: z.number().int(), at: time, type: z.string() }).loose()),
  next: z
    .number()
    .int()
    .nullable()
    .meta({ description: "`before` of the next page; null: that was the last." }),
});
export const rotated: z.ZodType = z.object({
  kid: z.string(),
  activatesAt: time,
  receipt: receipt.optional(),
});
