import { createClient } from "@redis/client";
import type { SessionRow, SessionRows } from "./rows.ts";

/** Where in a row's list each member stands; the rest stays as it was read. */
const places: { readonly [member in keyof Omit<SessionRow, "rest" | "diesAt">]: number } = {
  data: 10,
  epoch: 11,
  version: 14,
  generation: 16,
  rotatedAt: 17,
  endedAt: 20,
  endReason: 21,
};

export async function redisRows(url: string): Promise<SessionRows> {
  const client = createClient({ url });
  client.on("error", () => undefined);
  await client.connect();
  const keyOf = (id: string): string => `{latchkey}:session:${id}`;
  return {
    async get(id) {
      const text = await client.get(keyOf(id));
      if (text === null) return undefined;
      const rest: unknown[] = JSON.parse(text);
      const members = Object.entries(places).map(([member, place]) => [member, rest[place]]);
      return { ...Object.fromEntries(members), diesAt: 0, rest };
    },
    async set(id, row) {
      const values = [...(row.rest ?? [])];
      for (const [member, place] of Object.entries(places))
        values[place] = row[member as keyof typeof places];
      await client.set(keyOf(id), JSON.stringify(values), { expiration: "KEEPTTL" });
    },
  };
}
