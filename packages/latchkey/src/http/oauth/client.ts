import { fromUtf8 } from "../../lib/text.ts";
import type { PresentedClient } from "../../session/oauth/caller.ts";
import { type Form, type OAuthRefusal, refuseOAuth } from "../../session/oauth/refusal.ts";

/** What a request says of its client; undefined: nothing. */
export interface FoundClient {
  readonly ok: true;
  readonly presented: PresentedClient | undefined;
}

const bad = refuseOAuth(
  "invalid_client",
  "The client did not prove who it is in a way that is offered here.",
);

/**
 * Who sends the request (RFC 6749, section 2.3): by `Authorization: Basic` or by parameters, never both. Cookies say
 * nothing here, and neither does a bearer token.
 */
export function readClient(authorization: string | null, form: Form): FoundClient | OAuthRefusal {
  const id = form.get("client_id");
  const secret = form.get("client_secret");
  if (authorization === null) {
    return { ok: true, presented: id === undefined ? undefined : { id, secret: secret ?? null } };
  }
  const basic = readBasic(authorization);
  if (basic === undefined) return bad;
  if (secret !== undefined || (id !== undefined && id !== basic.id))
    return refuseOAuth("invalid_request", "The client names itself in two ways.");
  return { ok: true, presented: basic };
}

/** Id and secret are encoded like a form before they are joined (RFC 6749, section 2.3.1). */
function readBasic(authorization: string): PresentedClient | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  const text = encoded === undefined ? undefined : decode(encoded);
  const [, id, secret] = /^([^:]+):(.+)$/s.exec(text ?? "") ?? [];
  const decoded = id !== undefined && secret !== undefined ? [decodePart(id), decodePart(secret)] : [];
  const [ownId, ownSecret] = decoded;
  return ownId === undefined || ownSecret === undefined ? undefined : { id: ownId, secret: ownSecret };
}

function decode(base64: string): string | undefined {
  try {
    return fromUtf8(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

function decodePart(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}
