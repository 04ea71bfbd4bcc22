import { z } from "zod";
import { isJsonObject } from "../lib/json.ts";
import type { SessionData, SignInEmail, SignUpEmail } from "../types.ts";

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
const time = z.iso.datetime();

export const signInBody: z.ZodType<SignInEmail> = z.strictObject({ email, password, client, rememberMe });
export const signUpBody: z.ZodType<SignUpEmail> = z.strictObject({
  email,
  password,
  name: name.optional(),
  client,
  rememberMe,
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

export const signedIn: z.ZodType = z
  .object({
    user,
    session,
    sessionToken: z.string().optional().meta({ description: "Bearer clients of an opaque strategy." }),
    accessToken: z.string().optional().meta({ description: "Bearer clients of a JWT strategy." }),
    tokenType: z.literal("Bearer").optional(),
    expiresIn: z.number().int().optional().meta({ description: "Seconds until the credential ends." }),
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

export const currentSession: z.ZodType = z.object({ user, session }).nullable();
export const revoked: z.ZodType = z.object({ revoked: z.number().int(), until: time.optional() });
export const signedOut: z.ZodType = z.object({ success: z.literal(true), until: time.optional() });
export const jwks: z.ZodType = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });
