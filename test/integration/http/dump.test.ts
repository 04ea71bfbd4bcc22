import { createHmac } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import Database from "libsql";
import { describe, expect, test } from "vitest";
import {
  type App,
  clientNames,
  cookieClients,
  makeApp,
  origin,
  sessionClients,
} from "../../support/http/app.ts";
import { sqliteOnly } from "../../support/http/stores.ts";

// A copy of the database yields no credential (P22, P23): whoever reads it, signs in as nobody.

interface Stage {
  readonly app: App;
  /** The credentials that are out there, by client. */
  readonly live: readonly (readonly [string, string])[];
  /** Every text and number in every column of every table. */
  readonly values: ReadonlySet<string>;
  /** The files as bytes, in Latin-1. */
  readonly bytes: string;
}

/** A database after some life: sessions live, ended and renewed, tokens, bans, data. */
async function makeStage(): Promise<Stage> {
  const app = await makeApp({ kind: sqliteOnly, realTime: true });
  const live: [string, string][] = [];
  for (const client of clientNames) {
    const { device, person, userId } = await app.arrive(client);
    const ended = app.device("mobile");
    await ended.signIn(person);
    await ended.post("/sign-out", {});
    if (sessionClients.includes(client)) {
      await device.post("/update-session", { data: { note: "kept" } });
      await device.post("/change-password", {
        currentPassword: person.password,
        newPassword: "another long password",
      });
    }
    live.push([client, device.credential() ?? ""]);
    await app.auth.api.setRole({ userId, roles: ["admin"] });
  }
  const banned = await app.arrive("web");
  await app.auth.api.banUser({ userId: banned.userId, reason: "spam" });
  const file = app.opened.file ?? "";
  const bytes = ["", "-wal"].map((end) =>
    existsSync(file + end) ? readFileSync(file + end).toString("latin1") : "",
  );
  return { app, live, values: readAll(file), bytes: bytes.join("\n") };
}

function readAll(file: string): ReadonlySet<string> {
  const database = new Database(file, { readonly: true });
  const tables = database.prepare("select name from sqlite_master where type = 'table'").pluck().all();
  const rows = tables.flatMap((name) =>
    database
      .prepare(`select * from "${String(name)}"`)
      .raw()
      .all(),
  );
  database.close();
  expect(tables.length).toBeGreaterThan(4);
  return new Set(rows.flat().map(String));
}

/** The client that a string lets in, if it is taken as a credential on any transport. */
async function findOpening({ auth }: App, credential: string): Promise<string | undefined> {
  const headers = [
    { authorization: `Bearer ${credential}` },
    ...cookieClients.map((client) => ({ cookie: `__Host-latchkey-${client}=${credential}` })),
  ];
  for (const one of headers) {
    const request = { method: "GET", headers: new Headers(one) };
    const result = await auth.authenticate(request);
    if (result.ok) return result.client;
  }
  return undefined;
}

async function expectAllRefused(app: App, candidates: Iterable<string>): Promise<number> {
  let tried = 0;
  for (const candidate of candidates) {
    // What no header can carry is no credential either.
    if (!/^[\x20-\x7e\x80-\xff]+$/.test(candidate)) continue;
    expect(await findOpening(app, candidate), `let in by ${candidate}`).toBeUndefined();
    tried += 1;
  }
  return tried;
}

/** A value and the parts it is made of. */
function partsOf(value: string): readonly string[] {
  return [value, ...value.split(/[.$:,;"'{}[\]\s=]+/)].filter((part) => part.length > 0);
}

describe("a dump of the database", () => {
  test("holds none of the credentials, nor what they are made of", async () => {
    const { app, live, values, bytes } = await makeStage();
    for (const [client, credential] of live) {
      expect(await findOpening(app, credential), "what the test itself holds is let in").toBe(client);
      const [first = "", ...secrets] = credential.split(".");
      // Of a session token the id may stand there; of a JWT not even its payload.
      const hidden = first.startsWith("lks_") ? secrets : [first, ...secrets];
      for (const part of [credential, ...hidden]) {
        expect([...values].some((value) => value.includes(part))).toBe(false);
        expect(bytes.includes(part)).toBe(false);
      }
    }
    expect(origin).not.toBe("");
  });

  test("no value in it, nor any part of one, is a credential", async () => {
    const { app, values } = await makeStage();
    const candidates = new Set([...values].flatMap(partsOf).flatMap((part) => [part, `lks_${part}`]));
    expect(await expectAllRefused(app, candidates)).toBeGreaterThan(100);
  });

  test("no text in the raw files is a credential", async () => {
    const { app, bytes } = await makeStage();
    const texts = new Set((bytes.match(/[\x20-\x7e]{6,}/g) ?? []).flatMap(partsOf));
    expect(await expectAllRefused(app, texts)).toBeGreaterThan(100);
  });

  test("no token can be put together from it", async () => {
    const { app, values } = await makeStage();
    const parts = [...new Set([...values].flatMap(partsOf))];
    const ids = parts.filter((part) => /^[\w-]{22}$/.test(part));
    const halves = parts.filter((part) => /^[\w-]{43}$/.test(part));
    expect(ids.length).toBeGreaterThan(5);
    expect(halves.length).toBeGreaterThan(3);
    const tokens = ids.flatMap((id) =>
      halves.flatMap((half) => halves.map((mark) => `lks_${id}.${half}.${mark}`)),
    );
    expect(await expectAllRefused(app, tokens)).toBe(ids.length * halves.length ** 2);
  });

  test("nothing in it is a key that signs", async () => {
    const { app, live, values } = await makeStage();
    const keys = [...new Set([...values].flatMap(partsOf))].flatMap((part) => [
      part,
      Buffer.from(part, "base64url"),
    ]);
    const [, jwt = ""] = live.find(([client]) => client === "mobile-jwt") ?? [];
    const [header = "", payload = ""] = jwt.split(".");
    const [, session = ""] = live.find(([client]) => client === "mobile") ?? [];
    const body = session.slice(0, session.lastIndexOf("."));
    const forged = keys.flatMap((key) => {
      const sign = (text: string): string => createHmac("sha256", key).update(text).digest("base64url");
      const kid = JSON.parse(Buffer.from(header, "base64url").toString()).kid;
      const hs256 = Buffer.from(JSON.stringify({ alg: "HS256", typ: "at+jwt", kid })).toString("base64url");
      return [
        `${body}.${sign(`${body}.mobile`)}`,
        `${body}.${sign(body)}`,
        `${header}.${payload}.${sign(`${header}.${payload}`)}`,
        `${hs256}.${payload}.${sign(`${hs256}.${payload}`)}`,
      ];
    });
    expect(await expectAllRefused(app, forged)).toBe(forged.length);
  });
});
