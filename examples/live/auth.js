import { latchkey } from "latchkey";
import { sqliteStore } from "latchkey/sqlite";

const { ADMIN_EMAIL, ADMIN_PASSWORD, BASE_URL, DATABASE = "app.db", LATCHKEY_SECRET } = process.env;

export const auth = latchkey({
  // The second is for a first look. In production latchkey insists on a baseURL, and you on a secret of your own.
  secret: LATCHKEY_SECRET ?? "only for a first look, not for production",
  ...(BASE_URL === undefined ? {} : { baseURL: BASE_URL }),
  store: sqliteStore(DATABASE),
  clients: {
    web: { transport: "cookie", strategy: "session-live" },
    mobile: { transport: "bearer", strategy: "jwt-live" },
  },
  roles: { admin: ["*"], reader: ["news:read"] },
});

/** Makes the first administrator, who can make others what they are to be. Does nothing if the address is taken. */
export async function makeAdmin() {
  if (ADMIN_EMAIL === undefined || ADMIN_PASSWORD === undefined) return;
  const admin = { email: ADMIN_EMAIL, password: ADMIN_PASSWORD, roles: ["admin"] };
  const made = await auth.api.createUser(admin);
  if (!made.ok && made.code !== "email_taken") throw new Error(`no administrator was made: ${made.code}`);
}
