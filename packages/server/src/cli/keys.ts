import type { Command } from "commander";
import type { PublicKey } from "latchkey";
import { administer, type Desk, type DeskFlags, ofServer } from "./desk/command.ts";
import { type ConfirmFlags, confirm, requireYes } from "./input/confirm.ts";
import type { Answer } from "./output/print.ts";
import { table } from "./output/table.ts";
import { isoTime, shownTime } from "./output/text.ts";

interface RotateFlags extends DeskFlags, ConfirmFlags {
  readonly compromised?: boolean;
}

const listExamples = `latchkey keys list
latchkey keys list --json`;

const rotateExamples = `latchkey keys rotate                         nobody is signed out
latchkey keys rotate --compromised           asks first; what the old keys signed is refused
latchkey keys rotate --compromised --yes     for scripts`;

/** `latchkey keys`. */
export function addKeys(program: Command): void {
  const keys = program.command("keys").description("see and rotate the keys that sign access tokens");
  const listing = keys
    .command("list")
    .description("the keys for access tokens, oldest first; nothing secret of them");
  ofServer(listing, listExamples).action((flags: DeskFlags) => administer(flags, list));
  const rotating = keys
    .command("rotate")
    .description(
      "make a new key for access tokens; the one before is accepted until its last token has expired",
    )
    .option(
      "--compromised",
      "use the new one at once, and refuse whatever the others signed; cannot be undone",
    )
    .option("-y, --yes", "do not ask");
  ofServer(rotating, rotateExamples).action(async (flags: RotateFlags) => {
    if (flags.compromised) requireYes("keys rotate --compromised", flags);
    await administer(flags, (desk) => rotate(desk, flags));
  });
}

async function list({ api }: Desk): Promise<Answer> {
  const keys = await api.listKeys();
  const names = ["KEY", "ALGORITHM", "CREATED", "SIGNS FROM", "ACCEPTED UNTIL"];
  return { ok: true, json: { keys: keys.map(toJson) }, text: table(names, keys.map(rowOf)) };
}

function rowOf({ kid, algorithm, createdAt, activatesAt, retiresAt }: PublicKey): readonly (string | null)[] {
  const until = retiresAt === null ? null : shownTime(retiresAt);
  return [kid, algorithm, shownTime(createdAt), shownTime(activatesAt), until];
}

function toJson(key: PublicKey): object {
  const { createdAt, activatesAt, retiresAt } = key;
  const times = { createdAt: isoTime(createdAt), activatesAt: isoTime(activatesAt) };
  return { ...key, ...times, retiresAt: retiresAt === null ? null : isoTime(retiresAt) };
}

async function rotate({ api, call }: Desk, { compromised = false, yes }: RotateFlags): Promise<Answer> {
  if (compromised)
    await confirm("Refuse every access token that was signed until now?", { yes: yes ?? false });
  const { kid, activatesAt } = await api.rotateKeys({ compromised }, call);
  const text = compromised
    ? `Key ${kid} signs from now on. What the others signed is refused: at once where a check reads the database, within a minute where none does (strategy jwt).`
    : `Key ${kid} is published and signs from ${shownTime(activatesAt)}.`;
  return { ok: true, json: { kid, activatesAt: isoTime(activatesAt) }, text };
}
