import { isObject } from "../request/wire.ts";
import type { ClientRefusal, SessionInfo } from "../types.ts";

/** The codes by which the server says that nobody is signed in here. No other answer means that. */
const definite =
  /^(credential_(missing|invalid|renewed)|session_(expired|ended)|refresh_(reused|expired)|account_unavailable)$/;

export function isDefinite({ status, code }: ClientRefusal): boolean {
  return status === 401 && definite.test(code);
}

/** Who an answer says is signed in; undefined: it is none of ours. */
export function readInfo(body: unknown): SessionInfo | undefined {
  return isInfo(body) ? body : undefined;
}

/** It comes from the server: what is looked at is only whether it is the server. */
function isInfo(body: unknown): body is SessionInfo {
  return isObject(body) && isObject(body.user) && isObject(body.session) && Array.isArray(body.permissions);
}

export const unexpected: ClientRefusal = { ok: false, code: "unexpected_answer", status: 200 };
