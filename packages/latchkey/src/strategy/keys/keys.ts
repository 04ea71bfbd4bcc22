import { LatchkeyError } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import type { MaybePromise } from "../../lib/maybe-promise.ts";
import { type Keyring, loadKeyring } from "../../token/keyring.ts";
import type { Change, Settings, Store } from "../../types.ts";
import type { Background } from "../strategy.ts";
import { type KeySearch, makeKeySearch } from "./search.ts";

/** How often the keys are read again, in ms: often against the time a new one is published before it signs. */
const readEvery = 60_000;
/** Keys that are shown to others were read within so many ms. */
const shownFor = 1000;

/** The keys of this process, and what makes it read them again. */
export interface Keys {
  /** Those at hand; undefined before the first reading. Read again now and then, off the path of the check. */
  readonly loaded: () => Keyring | undefined;
  /** Starts the store and opens the keys once, however many ask; a failed attempt is made again by the next. */
  readonly load: () => Promise<Keyring>;
  /** Of this version or a later one: what was read of the store at that version is judged by no older keys. */
  readonly since: (version: number) => MaybePromise<Keyring>;
  /** The keys with one of this header, which those at hand lack. */
  readonly find: KeySearch["find"];
  /** As others are to see them; those at hand if the store does not answer. */
  readonly shown: () => Promise<Keyring>;
  /** Reads them again: they were just changed. */
  readonly reload: () => Promise<Keyring>;
  /** Reads them again if a change that was heard of is news. */
  readonly hear: (change: Change) => Promise<unknown>;
}

/** What the keys are read with. */
export interface KeysContext {
  readonly store: Store;
  readonly settings: Pick<Settings, "secrets" | "algorithm">;
  readonly clock: Clock;
  readonly background: Background;
}

export function makeKeys(context: KeysContext): Keys {
  const reader = makeReader(context, (header) => search.forget(header));
  const search = makeKeySearch(reader.read);
  const { current, age, read, readTogether } = reader;
  let starting: Promise<Keyring> | undefined;
  const start = async (): Promise<Keyring> => {
    await context.store.start();
    return read();
  };
  const loaded = (): Keyring | undefined => {
    if (current() !== undefined && age() >= readEvery)
      context.background(readTogether(), "reading the keys again");
    return current();
  };
  const load = async (): Promise<Keyring> => {
    const keyring = loaded();
    if (keyring !== undefined) return keyring;
    starting ??= start().catch((error: unknown) => {
      starting = undefined;
      throw error;
    });
    return starting;
  };
  return {
    loaded,
    load,
    since(version) {
      const keyring = current();
      return keyring !== undefined && keyring.version >= version ? keyring : catchUp(reader, version);
    },
    find: search.find,
    async shown() {
      const keyring = await load();
      return age() < shownFor ? keyring : readTogether().catch(() => keyring);
    },
    reload: read,
    async hear(change) {
      // Whoever reads them for the first time, later, reads this too; a first reading that fails is told to its reader.
      const keyring = current() ?? (await starting?.catch(() => undefined));
      if (keyring === undefined || !isNews(keyring, change)) return;
      // A reading that was under way may have begun before the change was made.
      if (isNews(await readTogether(), change)) await read();
    },
  };
}

function isNews({ retirements }: Keyring, change: Change): boolean {
  if (change.kind === "key_added") return !retirements.has(change.keyId);
  if (change.kind !== "key_retired") return false;
  const known = retirements.get(change.keyId);
  return known !== undefined && known !== change.retiresAt;
}

interface Reader {
  /** The newest that was read. */
  readonly current: () => Keyring | undefined;
  /** How long ago the last reading began, in ms; 0: there was none. */
  readonly age: () => number;
  readonly read: () => Promise<Keyring>;
  /** One reading for all who ask while it is under way: it may have begun before they did. */
  readonly readTogether: () => Promise<Keyring>;
}

function makeReader({ store, settings, clock }: KeysContext, retired: (header: string) => void): Reader {
  let current: Keyring | undefined;
  let together: Promise<Keyring> | undefined;
  let began: number | undefined;
  const read = async (): Promise<Keyring> => {
    began = clock();
    const fresh = await loadKeyring(store, settings.secrets, settings.algorithm);
    // Of two readings under way the later answer may be the older set: a key that was retired must not come back.
    if (current !== undefined && fresh.version < current.version) return current;
    for (const header of current?.access.keys() ?? []) if (!fresh.access.has(header)) retired(header);
    current = fresh;
    return current;
  };
  return {
    current: () => current,
    // Also where the clock was set back.
    age: () => (began === undefined ? 0 : Math.abs(clock() - began)),
    read,
    readTogether() {
      together ??= read().finally(() => {
        together = undefined;
      });
      return together;
    },
  };
}

async function catchUp({ readTogether }: Reader, version: number): Promise<Keyring> {
  const joined = await readTogether();
  const keyring = joined.version >= version ? joined : await readTogether();
  if (keyring.version >= version) return keyring;
  const seen = `version ${version} of its keys, and then gave back version ${keyring.version}`;
  throw new LatchkeyError("cannot_tell", `the store has shown ${seen}`);
}
