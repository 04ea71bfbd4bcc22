import type { AuditEntry, CallContext, EventType } from "../../types.ts";

/** An entry of the audit log: what happened, who did it and from where. */
export function auditEntry(
  type: EventType,
  { actor, remoteAddress, request, detail }: CallContext,
  about: Partial<Pick<AuditEntry, "userId" | "sessionId" | "client" | "detail">> = {},
): AuditEntry {
  return {
    type,
    actorId: actor ?? null,
    userId: null,
    sessionId: null,
    client: null,
    ip: remoteAddress ?? null,
    userAgent: readUserAgent(request),
    ...about,
    // What the act itself has to say comes last: a caller cannot write another ban's end into the log.
    detail: { ...detail, ...about.detail },
  };
}

/** As it was sent, cut to what is worth keeping. */
export function readUserAgent(request: CallContext["request"]): string | null {
  return request?.headers.get("user-agent")?.slice(0, 512) ?? null;
}
