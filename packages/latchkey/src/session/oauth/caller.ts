import { isServiceSecret } from "../../lib/oauth/service-secret.ts";
import type { Client, Service, Settings } from "../../types.ts";
import { type OAuthRefusal, refuseOAuth } from "./refusal.ts";

/** What a request says of who sends it (RFC 6749, section 2.3). Untrusted until checked. */
export interface PresentedClient {
  readonly id: string;
  /** null: none was sent; a public client has none. */
  readonly secret: string | null;
}

/** A service that proved who it is. */
export interface ServiceCaller {
  readonly ok: true;
  readonly service: Service;
  readonly client?: undefined;
}

/** A public client (RFC 6749, section 2.1). Its name proves nothing; what counts is whose token it sends. */
export interface PublicCaller {
  readonly ok: true;
  readonly client: Client;
  readonly service?: undefined;
}

/** The same words for a wrong secret as for an unknown service: which of the two it is, is nobody's business. */
const refused = refuseOAuth("invalid_client", "The client is not known, or did not prove who it is.");

/** The service that sends a request; nobody else may. */
export async function findService(
  settings: Settings,
  presented: PresentedClient | undefined,
): Promise<ServiceCaller | OAuthRefusal> {
  if (presented?.secret == null) return refused;
  const service = settings.services.get(presented.id);
  const proven = await isServiceSecret(presented.secret, service?.secretHashes);
  return proven && service !== undefined ? { ok: true, service } : refused;
}

/**
 * The service or public client that sends a request. Public are the clients with a bearer token: those with a cookie
 * never see their tokens, so they have nothing to do here.
 */
export async function findCaller(
  settings: Settings,
  presented: PresentedClient | undefined,
): Promise<ServiceCaller | PublicCaller | OAuthRefusal> {
  if (presented === undefined || presented.secret !== null) return findService(settings, presented);
  const client = settings.clients.get(presented.id);
  if (client === undefined) return refused;
  return client.transport === "bearer"
    ? { ok: true, client }
    : refuseOAuth("unauthorized_client", "This client keeps its tokens in cookies.");
}
