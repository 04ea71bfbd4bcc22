import { isObject, parse } from "../request/wire.ts";
import { now } from "../time.ts";
import type { TokenStorage } from "../types.ts";
import { type Given, type Keeper, type Life, lifeFrom, quietly, randomKey } from "./keeper.ts";

/** As it lies in the storage. */
interface Held extends Given {
  /** When it was given, by the device's clock: for those who start later. */
  readonly at: number;
  /** Of a renewal whose answer has not come yet. */
  readonly key?: string | undefined;
}

/** For clients that hold their tokens themselves. One thing after the other, so that no write overtakes a read. */
export function bearerKeeper(given: TokenStorage | undefined, name: string): Keeper {
  const storage = given ?? memory();
  let held: Held | undefined;
  let loaded = false;
  let life: Life | undefined;
  let changedAt = -1;
  let tail: Promise<unknown> = Promise.resolve();

  function serially<Value>(act: () => Promise<Value>): Promise<Value> {
    const result = tail.then(act);
    tail = result.catch(() => undefined);
    return result;
  }

  function hold(next: Held | undefined, sentAt?: number): void {
    if (tokenOf(next) !== tokenOf(held)) changedAt = now();
    held = next;
    if (next?.refreshToken === undefined || next.expiresIn === undefined) {
      life = undefined;
    } else if (sentAt !== undefined) {
      life = lifeFrom(sentAt, next.expiresIn * 1000);
    } else {
      const left = next.expiresIn * 1000 - (Date.now() - next.at);
      // What is not between nothing and all is a clock that was set: renewing costs little.
      life = lifeFrom(now(), left <= next.expiresIn * 1000 ? Math.max(0, left) : 0);
    }
  }

  /** What lies there is true, but where another tab put back an older token than the one we hold. */
  async function read(): Promise<void> {
    let found: Held | undefined;
    try {
      found = readHeld(await storage.get(name));
    } catch {
      // It cannot be read: what is in memory is all we know.
      return;
    } finally {
      loaded = true;
    }
    if (held !== undefined && found !== undefined && isOlder(found, held)) await write();
    else if (found === undefined || tokenOf(found) !== tokenOf(held)) hold(found);
    else held = found;
  }

  /** Where that is forbidden, it lives as long as this process. */
  async function write(): Promise<void> {
    await quietly<unknown>(() =>
      held === undefined ? storage.remove(name) : storage.set(name, JSON.stringify(held)),
    );
  }

  return {
    load: (fresh = false) =>
      serially(async () => {
        if (fresh || !loaded) await read();
        return held !== undefined;
      }),
    headers: () => {
      const token = tokenOf(held);
      return token === undefined ? {} : { authorization: `Bearer ${token}` };
    },
    canRenew: () => held?.refreshToken !== undefined,
    refreshBody: () => ({ refreshToken: held?.refreshToken }),
    renewalKey: () =>
      serially(async () => {
        const key = held?.key ?? randomKey();
        if (held !== undefined && held.key === undefined) {
          held = { ...held, key };
          await write();
        }
        return key;
      }),
    life: () => life,
    changedAt: () => changedAt,
    keep: ({ deviceToken, ...next }, sentAt, renewed) =>
      serially(async () => {
        if (deviceToken !== undefined) await quietly(() => storage.set(`${name}-device`, deviceToken));
        if (tokenOf(next) === undefined) return;
        if (renewed) {
          await read();
          // Meanwhile somebody signed out, or in, or another tab is further ahead.
          if (held === undefined || !isOfSame(held, next) || isOlder(next, held)) return;
        }
        hold({ ...next, at: Date.now() - (now() - sentAt) }, sentAt);
        await write();
      }),
    drop: (since) =>
      serially(async () => {
        await read();
        if (changedAt > since) return false;
        hold(undefined);
        await write();
        return true;
      }),
    deviceToken: async () => (await quietly(() => storage.get(`${name}-device`))) || undefined,
  };
}

function memory(): TokenStorage {
  const values = new Map<string, string>();
  return {
    get: (name) => values.get(name),
    set: (name, value) => values.set(name, value),
    remove: (name) => values.delete(name),
  };
}

function tokenOf(held: Given | undefined): string | undefined {
  return held?.accessToken ?? held?.sessionToken;
}

function readHeld(text: string | null | undefined): Held | undefined {
  const found = parse(text);
  return isHeld(found) ? found : undefined;
}

/** What is no token cannot be sent as one: whoever kept it could neither ask nor sign in any more. */
function isHeld(found: unknown): found is Held {
  if (!isObject(found)) return false;
  const { accessToken, sessionToken, refreshToken = "-", expiresIn = 0, at = 0, key = "-" } = found;
  return (
    [accessToken ?? sessionToken, refreshToken, key].every(isSendable) &&
    [expiresIn, at].every(Number.isFinite)
  );
}

function isSendable(value: unknown): boolean {
  return typeof value === "string" && /^[\w.-]+$/.test(value);
}

/** A refresh token names its session and counts the renewals: `lkr_<session>.<count>.…`. */
function place(held: Given): readonly [session: string, count: number] {
  const [session = "", count] = (held.refreshToken ?? "").split(".");
  return [session, Number(count)];
}

function isOfSame(one: Given, other: Given): boolean {
  return place(one)[0] === place(other)[0];
}

function isOlder(one: Given, other: Given): boolean {
  return isOfSame(one, other) && place(one)[1] < place(other)[1];
}
