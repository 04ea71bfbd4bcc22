import { z } from "zod";
import { misuse } from "../errors.ts";
import { decodeBase64url } from "../lib/base64url.ts";
import { isScope } from "../lib/oauth/scope.ts";
import type { Audience, Service, Settings } from "../types.ts";

/** Default life of a token for an audience, in seconds. */
const defaultExpiresIn = 300;

type Audiences = {
  [name: string]: { expiresIn?: number | undefined; scopes: string[] };
};
type Services = {
  [id: string]: {
    secretHash: string[];
    scopes: string[];
    audiences: string[];
    introspect: boolean;
    audience: string | null;
  };
};

/** What stands in an `aud` and in a form alike: visible ASCII. */
const audienceName = z.string().regex(/^[!-~]{1,200}$/, "letters, digits and signs without spaces");
const scopes = z.array(z.string().max(100).refine(isScope, "not a scope")).max(100).default([]);

/** SHA-256 in base64url: 32 bytes in their one spelling. */
const secretHash = z
  .string()
  .refine((text) => decodeBase64url(text)?.length === 32, "not the answer of hashServiceSecret()");

/** `audiences`. */
export const audiencesShape: z.ZodType<Audiences> = z
  .record(audienceName, z.strictObject({ expiresIn: z.number().int().positive().optional(), scopes }))
  .default({});

/** `services`. */
export const servicesShape: z.ZodType<Services> = z
  .record(
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "letters, digits, dots, - and _"),
    z.strictObject({
      secretHash: z.union([secretHash.transform((one) => [one]), z.array(secretHash).min(1).max(4)]),
      scopes,
      audiences: z.array(audienceName).default([]),
      introspect: z.boolean().default(false),
      audience: audienceName.nullable().default(null),
    }),
  )
  .default({});

/** Remedies, by option. */
export const serviceRemedies: { readonly [option: string]: string } = {
  audiences:
    'Name them as they expect it in `aud`, e.g. { "https://billing.example": { scopes: ["read"] } }.',
  services: "Name them by client id, e.g. { orders: { secretHash: await hashServiceSecret(secret) } }.",
};

/** The audiences, completed. Ours is none of them: a token for it would be more than an exchanged one may be. */
export function readAudiences(
  audiences: Audiences,
  { audience: own, issuer, access }: Pick<Settings, "audience" | "issuer" | "access">,
): Settings["audiences"] {
  const entries = Object.entries(audiences).map(([name, options]): [string, Audience] => {
    if (name === own || name === issuer)
      misuse(`audiences: "${name}" is this server itself. Name third parties only.`);
    const expiresIn = options.expiresIn ?? Math.min(defaultExpiresIn, access.expiresIn);
    if (expiresIn > access.expiresIn) {
      misuse(
        `audiences["${name}"].expiresIn: ${expiresIn} is more than access.expiresIn (${access.expiresIn}). ` +
          "A token for somebody else may not live longer than our own: give less, or raise that.",
      );
    }
    return [name, { name, expiresIn, scopes: options.scopes }];
  });
  return new Map(entries);
}

/** The services, completed. */
export function readServices(
  services: Services,
  { audiences, audience: own, clients }: Pick<Settings, "audiences" | "audience" | "clients">,
): Settings["services"] {
  const entries = Object.entries(services).map(([id, options]): [string, Service] => {
    if (clients.has(id))
      misuse(`services.${id}: a client has this name too, and nobody could tell them apart. Rename one.`);
    const unknown = options.audiences.find((name) => name !== own && !audiences.has(name));
    if (unknown !== undefined)
      misuse(`services.${id}.audiences: "${unknown}" is not among \`audiences\`. Add it there.`);
    if (options.audience !== null && !audiences.has(options.audience))
      misuse(`services.${id}.audience: "${options.audience}" is not among \`audiences\`. Add it there.`);
    const { secretHash: secretHashes, ...rest } = options;
    return [id, { id, secretHashes, ...rest }];
  });
  return new Map(entries);
}
