import type { Keeper } from "../keep/keeper.ts";
import type { Machine } from "../session/machine.ts";
import { isDefinite, readInfo, unexpected } from "../session/verdict.ts";
import { now } from "../time.ts";
import type { Answer, AuthClient, Device, SessionInfo } from "../types.ts";
import type { ClientSettings } from "./settings.ts";
import type { Wire } from "./wire.ts";

/** The verbs of the server. */
export type Calls = Omit<AuthClient, "fetch" | "can" | "getSnapshot" | "subscribe">;

/** The parts that they need. */
export interface CallParts {
  readonly settings: ClientSettings;
  readonly wire: Wire;
  readonly keeper: Keeper;
  readonly machine: Machine;
}

const nobody = { session: null, user: null } as const;

export function makeCalls({ settings, wire, keeper, machine }: CallParts): Calls {
  /** With the credential; renewed, and sent again, if it has expired. */
  async function ask(path: string, body?: object): Promise<Answer<{ readonly body: unknown }>> {
    for (let count = 1; ; count++) {
      await machine.ready();
      const sentAt = now();
      const answer = await wire(path, { body, headers: keeper.headers() });
      if (answer.ok || answer.status !== 401 || count === 2) return answer;
      const again = await machine.again(answer, sentAt);
      if (again !== true) return again || answer;
    }
  }

  async function post<Success extends object>(path: string, body: object = {}): Promise<Answer<Success>> {
    const answer = await ask(path, body);
    return answer.ok ? { ...(answer.body as Success), ok: true } : answer;
  }

  /** What gives a credential. */
  async function enter(path: string, body: object, asking: typeof ask): Promise<Answer<SessionInfo>> {
    const sentAt = now();
    const answer = await asking(path, body);
    if (!answer.ok) return answer;
    const info = readInfo(answer.body);
    if (info === undefined) return unexpected;
    await machine.enter(info, answer.body as object, sentAt);
    const { user, session, permissions } = info;
    return { ok: true, user, session, permissions };
  }

  async function come(path: string, input: object): Promise<Answer<SessionInfo>> {
    await keeper.load(true);
    const { client } = settings;
    const body = { ...input, deviceToken: await keeper.deviceToken(), client };
    // The session that was held so far ends by this, if there is one.
    return enter(path, body, (to, sent) => wire(to, { body: sent, headers: keeper.headers() }));
  }

  return {
    signUp: { email: (input) => come("/sign-up/email", input) },
    signIn: { email: (input) => come("/sign-in/email", input) },
    changePassword: (input) => enter("/change-password", input, ask),
    async signOut() {
      await keeper.load(true);
      const answer = await wire("/sign-out", { body: keeper.refreshBody(), headers: keeper.headers() });
      if (!answer.ok && !isDefinite(answer)) return answer;
      await machine.leave();
      return { ok: true };
    },
    async getSession() {
      const said = await machine.check();
      return said.ok ? { ok: true, ...(said.info ?? nobody) } : said;
    },
    async listSessions() {
      const answer = await ask("/list-sessions");
      return answer.ok ? { ok: true, sessions: answer.body as readonly Device[] } : answer;
    },
    revokeSession: (input) => post("/revoke-session", input),
    revokeOtherSessions: () => post("/revoke-other-sessions"),
    token: (input) => post("/token", input),
  };
}
