import type { ExternalUser, Store, UserRecord } from "../../../types.ts";

/** A user as the application's own table has her. */
export function external(wanted: Partial<ExternalUser> = {}): ExternalUser {
  const email = "ann@example.test";
  return { id: "ann", email, name: "Ann", roles: ["editor"], status: "active", ...wanted };
}

/** Brings our record of her up to date, where nothing is in the way. */
export async function sync(
  store: Store,
  user: ExternalUser,
  options: Parameters<Store["syncUser"]>[1] = {},
): Promise<{ readonly user: UserRecord; readonly ended: number }> {
  const synced = await store.syncUser(user, options);
  if (!synced.ok) throw new Error(`not brought up to date: ${synced.code}`);
  return { user: synced.user, ended: synced.ended };
}
