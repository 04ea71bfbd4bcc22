import type { Command } from "commander";
import type { AuditRecord, Refusal } from "latchkey";
import { administer, type Desk, type DeskFlags, ofServer } from "./desk/command.ts";
import { findUser } from "./desk/find-user.ts";
import { readEntry, readLimit, readOneOf } from "./input/values.ts";
import type { Answer } from "./output/print.ts";
import { table } from "./output/table.ts";
import { isoTime, shownTime } from "./output/text.ts";

interface ListFlags extends DeskFlags {
  readonly user?: string;
  readonly type?: string;
  readonly before?: number;
  readonly limit?: number;
}

const examples = `latchkey events list                                     the newest 50
latchkey events list --user ada@example.com
latchkey events list --type user_banned --limit 10 --json`;

/** `latchkey events`. */
export function addEvents(program: Command): void {
  const events = program.command("events").description("read the audit log");
  const command = events
    .command("list")
    .description("the audit log, newest first")
    .option("--user <id|email>", "whom it concerns; of somebody who was removed, the id")
    .option("--type <type>", "e.g. signed_in, sign_in_failed, user_banned, keys_rotated")
    .option("--limit <n>", "how many at most, 1 to 200 (default: 50)", readLimit)
    .option("--before <entry>", "the last entry of the page before", readEntry);
  ofServer(command, examples).action((flags: ListFlags) => administer(flags, (desk) => list(desk, flags)));
}

async function list({ api, eventTypes }: Desk, flags: ListFlags): Promise<Answer | Refusal> {
  const { user, before, limit = 50 } = flags;
  const type = flags.type === undefined ? undefined : readOneOf("--type", flags.type, eventTypes);
  const found = user === undefined ? undefined : await findUser(api, user);
  // The log remembers by id whom the database has forgotten.
  if (found === undefined && user?.includes("@")) return { ok: false, code: "user_not_found" };
  const events = await api.listEvents({ userId: found?.id ?? user?.trim(), type, before, limit });
  const next = events.length < limit ? null : (events.at(-1)?.id ?? null);
  return {
    ok: true,
    json: { events: events.map(toJson), next },
    text: events.length === 0 ? "No entries." : tableOf(events),
    note: next === null ? undefined : `More with --before ${next}`,
  };
}

function toJson({ at, detail, ...event }: AuditRecord): object {
  return { ...event, detail: withTimes(detail), at: isoTime(at) };
}

/** The end of a ban is kept as a number. */
function withTimes(detail: AuditRecord["detail"]): object {
  return typeof detail.until === "number" ? { ...detail, until: isoTime(detail.until) } : detail;
}

function tableOf(events: readonly AuditRecord[]): string {
  return table(
    ["ENTRY", "AT", "TYPE", "BY", "USER", "ADDRESS", "DETAIL"],
    events.map(({ id, at, type, actorId, userId, ip, detail }) => [
      String(id),
      shownTime(at),
      type,
      actorId,
      userId,
      ip,
      Object.keys(detail).length === 0 ? null : JSON.stringify(withTimes(detail)),
    ]),
  );
}
