import type { Command } from "commander";
import type { DeviceSession, PublicUser, Refusal, Revoked } from "latchkey";
import { administer, type Desk, type DeskFlags, ofServer } from "./desk/command.ts";
import { nameOf, withUser } from "./desk/find-user.ts";
import { type ConfirmFlags, confirm, requireYes } from "./input/confirm.ts";
import type { Answer } from "./output/print.ts";
import { table } from "./output/table.ts";
import { counted, isoTime, shownTime } from "./output/text.ts";

const listExamples = `latchkey sessions list ada@example.com
latchkey sessions list ada@example.com --json`;

const revokeExamples = `latchkey sessions revoke 3q2-7wAAAAAAAAAAAAAAAQ     an id as sessions list shows it`;

const everythingExamples = `latchkey sessions revoke-everything          asks first
latchkey sessions revoke-everything --yes    for scripts`;

/** `latchkey sessions`. */
export function addSessions(program: Command): void {
  const sessions = program.command("sessions").description("see where people are signed in, and end it");
  const list = sessions
    .command("list")
    .description("where a user is signed in, newest first, 200 at most")
    .argument("<id|email>", "id or e-mail address");
  ofServer(list, listExamples).action((given: string, flags: DeskFlags) =>
    administer(flags, (desk) => withUser(desk, given, (user) => listSessions(desk, user))),
  );
  const revoke = sessions
    .command("revoke")
    .description("end one session")
    .argument("<session-id>", "id of the session; never its token");
  ofServer(revoke, revokeExamples).action((id: string, flags: DeskFlags) =>
    administer(flags, (desk) => revokeOne(desk, id.trim())),
  );
  const revokeAll = sessions
    .command("revoke-all")
    .description("end every session of a user")
    .argument("<id|email>", "id or e-mail address");
  ofServer(revokeAll, "latchkey sessions revoke-all ada@example.com").action(
    (given: string, flags: DeskFlags) =>
      administer(flags, (desk) => withUser(desk, given, (user) => revokeAllOf(desk, user))),
  );
  const everything = sessions
    .command("revoke-everything")
    .description("end every session of everybody; cannot be undone")
    .option("-y, --yes", "do not ask");
  ofServer(everything, everythingExamples).action(async (flags: DeskFlags & ConfirmFlags) => {
    requireYes("sessions revoke-everything", flags);
    await administer(flags, (desk) => revokeEverything(desk, flags));
  });
}

async function listSessions({ api }: Desk, user: PublicUser): Promise<Answer> {
  const sessions = await api.listSessions({ userId: user.id });
  const names = ["ID", "CLIENT", "DEVICE", "ADDRESS", "SIGNED IN", "LAST SEEN", "EXPIRES"];
  const text = sessions.length === 0 ? `${nameOf(user)} has no session.` : table(names, sessions.map(rowOf));
  return { ok: true, json: { sessions: sessions.map(toJson) }, text };
}

function rowOf(session: DeviceSession): readonly (string | null)[] {
  const { id, client, device, ipAddress, createdAt, lastSeenAt, expiresAt } = session;
  return [id, client, device, ipAddress, shownTime(createdAt), shownTime(lastSeenAt), shownTime(expiresAt)];
}

function toJson(session: DeviceSession): object {
  const { createdAt, lastSeenAt, expiresAt } = session;
  const times = {
    createdAt: isoTime(createdAt),
    lastSeenAt: isoTime(lastSeenAt),
    expiresAt: isoTime(expiresAt),
  };
  return { ...session, ...times };
}

async function revokeOne({ api, call }: Desk, sessionId: string): Promise<Answer | Refusal> {
  const revoked = await api.revokeSession({ sessionId }, call);
  return revoked.ok ? answerOf(revoked, "Ended the session.") : revoked;
}

async function revokeAllOf({ api, call, clients }: Desk, user: PublicUser): Promise<Answer> {
  const before = await api.listSessions({ userId: user.id });
  const revoked = await api.revokeSessions({ userId: user.id }, call);
  const unknown = new Set(before.map(({ client }) => client).filter((client) => !clients.includes(client)));
  const note = `Some were of clients that this configuration does not have (${[...unknown].join(", ")}): with strategy jwt their access tokens live on until they expire. The server's --config or --demo would tell.`;
  const answer = answerOf(revoked, `Signed out ${nameOf(user)}: ${counted(revoked.revoked)} ended.`);
  return unknown.size === 0 ? answer : { ...answer, note };
}

/** Says until when what nobody can take back lives on, where there is something of the kind. */
function answerOf({ revoked, until }: Revoked, text: string): Answer {
  if (until === undefined) return { ok: true, json: { revoked }, text };
  const rest = `Access tokens of strategy jwt cannot be taken back; the last ends at ${shownTime(until)}.`;
  return { ok: true, json: { revoked, until: isoTime(until) }, text: `${text} ${rest}` };
}

async function revokeEverything({ api, call }: Desk, flags: ConfirmFlags): Promise<Answer> {
  await confirm("End every session of everybody?", flags);
  await api.revokeEverything(call);
  return { ok: true, json: { success: true }, text: "Ended every session of everybody." };
}
