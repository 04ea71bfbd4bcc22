/** Next calls this once, before the first request. */
export async function register(): Promise<void> {
  const { ADMIN_EMAIL, ADMIN_PASSWORD, NEXT_RUNTIME } = process.env;
  if (NEXT_RUNTIME !== "nodejs" || ADMIN_EMAIL === undefined || ADMIN_PASSWORD === undefined) return;
  const { latch } = await import("./lib/auth");
  // Makes the first administrator. Does nothing if the address is taken.
  await latch.api.createUser({ email: ADMIN_EMAIL, password: ADMIN_PASSWORD, roles: ["admin"] });
}
