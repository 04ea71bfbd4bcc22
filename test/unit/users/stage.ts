import type { LatchkeyOptions, SignedIn, UsersPort } from "latchkey";
import { bearerRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, password, type Stage, signIn } from "../../support/stage.ts";
import { type MemoryTable, memoryTable } from "../../support/users/memory-table.ts";

export const email = "ada@example.com";

const clients = {
  app: { transport: "bearer", strategy: "session" },
  pair: { transport: "bearer", strategy: "jwt-denylist" },
} as const;

/** An authenticator over an application's own table, with one person in it. */
export interface UsersStage extends Stage {
  readonly table: MemoryTable;
  readonly userId: string;
  /** The methods of the port called since the last time this was asked. */
  asked(): readonly (keyof UsersPort)[];
}

export async function makeUsersStage(
  options: Partial<LatchkeyOptions> = {},
  table: MemoryTable = memoryTable(),
): Promise<UsersStage> {
  const stage = makeStage({ users: table.users, clients, rateLimit: false, ...options });
  await stage.auth.start();
  const userId = await table.add({ email, password, name: "Ada", roles: ["editor"] });
  const asked = (): readonly (keyof UsersPort)[] => {
    const methods = table.calls.map(([method]) => method);
    table.calls.length = 0;
    stage.calls.length = 0;
    return methods;
  };
  return { ...stage, table, userId, asked };
}

/** Signs her in, or somebody else. */
export async function comeIn(stage: UsersStage, client = "app", address = email): Promise<SignedIn> {
  return signIn(stage.auth, address, client);
}

/** What a check says of an answer's credential. */
export async function check({ auth }: Stage, signedIn: SignedIn): Promise<string> {
  const result = await auth.authenticate(bearerRequest(credentialOf(signedIn)));
  return result.ok ? "ok" : result.code;
}

export function refreshTokenOf({ credentials }: SignedIn): string {
  const token = "refreshToken" in credentials ? credentials.refreshToken : undefined;
  if (token === undefined) throw new Error("no refresh token");
  return token;
}

/** The code of an answer, or "ok". */
export function codeOf(
  answer: { readonly ok: true } | { readonly ok: false; readonly code: string },
): string {
  return answer.ok ? "ok" : answer.code;
}
