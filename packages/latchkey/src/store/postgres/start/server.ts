import { LatchkeyError } from "../../../errors.ts";
import type { PostgresClient } from "../pg/client.ts";
import { sendForLast } from "../statements/send.ts";

/** The oldest server that does what we ask of it. */
const oldest = 13;

/** Checks that this server can be the store: new enough, one that takes the writes, and able to hold any text. */
export async function checkServer(client: PostgresClient): Promise<void> {
  const text = `select current_setting('server_version_num')::int / 10000, pg_is_in_recovery(),
    current_setting('server_encoding')`;
  const [version, isStandby, encoding] = (await sendForLast(client, text)).values[0] ?? [];
  if (Number(version) < oldest) refuse(`Postgres ${version} is too old`, `${oldest} or newer is needed`);
  if (isStandby === true) refuse("this is a standby", "give the address of the primary");
  if (encoding !== "UTF8")
    refuse(
      `the database has the encoding ${encoding}`,
      "make one with: create database … encoding 'UTF8' template template0",
    );
}

function refuse(what: string, remedy: string): never {
  throw new LatchkeyError("cannot_tell", `${what}: ${remedy}`);
}
