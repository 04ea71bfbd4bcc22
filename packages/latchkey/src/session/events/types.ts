import type { EventType } from "../../types.ts";

const known: { readonly [Type in EventType]: true } = {
  signed_up: true,
  signed_in: true,
  signed_in_new_device: true,
  sign_in_failed: true,
  signed_out: true,
  session_revoked: true,
  sessions_revoked: true,
  session_evicted: true,
  password_changed: true,
  refresh_reused: true,
  refresh_recovered: true,
  user_created: true,
  user_updated: true,
  user_synced: true,
  user_deleted: true,
  user_banned: true,
  user_unbanned: true,
  roles_changed: true,
  keys_rotated: true,
  everything_revoked: true,
  token_exchanged: true,
  service_token_issued: true,
};

/** All types of events. */
export const eventTypes: readonly EventType[] = Object.keys(known) as EventType[];
