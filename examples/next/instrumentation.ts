/** Next calls this once, before the first request. */
export async function register(): Promise<void> {
  const { ADMIN_EMAIL, ADMIN_PASSWORD, NEXT_RUNTIME } = process.env;
  if (NEXT_RUNTIME !== "nodejs" || ADMIN_EMAIL === undefined || ADMIN_PASSWORD === undefined) return;
  const { latch } = await import("./lib/auth");
  // Makes the first administrator. Does nothing if the address is taken.
  const admin = { email: ADMIN_EMAIL, password: ADMIN_PASSWORD, roles: ["admin"] };
  const made = await latch.api.createUser(admin);
  if (!made.ok && made.code !== "email_taken") throw new Error(`no administrator was made: ${made.code}`);
}
