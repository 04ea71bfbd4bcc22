import { randomToken } from "../../../lib/crypto/random.ts";
import { discard, hangUp, type PostgresClient } from "../pg/client.ts";
import type { Connections } from "../pool/connections.ts";
import type { Limit } from "../pool/limit.ts";
import { send } from "../statements/send.ts";
import { quoteName, type Texts } from "../statements/text/texts.ts";
import { type EchoOptions, makeEcho } from "./echo.ts";

/** The follower's own connection. */
export interface Link {
  readonly client: PostgresClient;
  /** Whether notifications reach it. */
  hears(): boolean;
  /** To be called before a lease is written: behind a pooler a crash of the server goes unnoticed here. */
  ready(): Promise<void>;
  /** Whether it is gone. */
  isLost(): boolean;
  drop(): void;
}

/** What a link needs. */
export interface LinkOptions extends Connections, EchoOptions {
  readonly texts: Texts;
  readonly channel: string;
  /** Something was committed by somebody, or the link is lost: whoever waits looks for themselves. */
  readonly onWord: () => void;
}

/** Connects, or leaves nothing behind. */
export async function connectLink(limit: Limit, options: LinkOptions): Promise<Link> {
  const { lending, breaker } = options;
  breaker.check();
  const client = await lending.keep(limit);
  limit.tidy = () => hangUp(client);
  try {
    return await makeLink(client, options);
  } catch (error) {
    discard(client);
    throw error;
  }
}

/** Listens first, so that nothing that is committed after its first read goes unheard. */
async function makeLink(client: PostgresClient, options: LinkOptions): Promise<Link> {
  const { texts, channel, onWord } = options;
  const echo = makeEcho(options);
  let lost = false;
  const onNotification = (word: unknown): void => {
    const on: unknown = Reflect.get(Object(word), "channel");
    if (on === channel) onWord();
    else echo.heard(on);
  };
  const drop = (): void => {
    if (lost) return;
    lost = true;
    echo.stop();
    client.removeListener("notification", onNotification);
    discard(client);
    onWord();
  };
  client.on("notification", onNotification);
  client.on("error", drop);
  client.on("end", drop);
  unrefClient(client);
  await send(client, { text: `listen ${quoteName(channel)}; listen ${quoteName(echo.channel)}` });
  await markLeases(client, texts);
  echo.start();
  const ready = async (): Promise<void> => (echo.hears() ? undefined : markLeases(client, texts));
  return { client, hears: echo.hears, ready, isLost: () => lost, drop };
}

/**
 * Leases are in a table that a crash empties, and so is the mark beside them: by another mark those who wait for leases
 * see that some may be gone (P17). Whoever is to hold one, or asks for them, sees to it that there is a mark.
 */
export async function markLeases(client: PostgresClient, texts: Texts): Promise<void> {
  const mark = randomToken(9);
  const text = `insert into latchkey_lease_mark (id, mark) values (1, '${mark}') on conflict do nothing`;
  await send(client, { text: texts.qualify(text) });
}

/** It is there all the time, and keeps no process alive. */
function unrefClient(client: object): void {
  if ("unref" in client && typeof client.unref === "function") client.unref();
}
