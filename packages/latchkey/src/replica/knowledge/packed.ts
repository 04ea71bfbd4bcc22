/**
 * What is known of sessions, packed: 24 bytes a place, so that a million fit into 50 MB. Open addressing over numbers:
 * no object and no string for each session, nothing for the garbage collector to walk.
 */
export interface PackedSessions {
  /** The epoch below which the session's credentials are refused, {@link ended}, or 0 where nothing is known. */
  get(id: string): number;
  /** Keeps the higher of what is known and `value`, until `keepUntil` (seconds since 1970) at least. */
  raise(id: string, value: number, keepUntil: number): void;
  /** Calls back for each session of which something is kept that was still to be kept at that time (seconds). */
  forEachKept(from: number, visit: (id: string, value: number) => void): void;
  /** How many sessions are held, and bytes in use. */
  readonly size: number;
  readonly bytes: number;
}

/** A value above every epoch: all that belongs to the session is refused. A small integer to the engine, thus fast. */
export const ended = 0x7fffffff;

/** Words of a place: four of the id, the value, and until when it is kept (0: the place is free). */
const words = 6;
const valueAt = 4;
const keepAt = 5;

/** A table is never fuller than that: beyond it searching takes long. */
const maxLoad = 0.75;
const smallest = 1024;

/** @param now seconds since 1970, by which to tell what needs not be kept any more */
export function makePackedSessions(now: () => number): PackedSessions {
  let places = new Uint32Array(smallest * words);
  let mask = smallest - 1;
  let size = 0;
  const id = new Uint32Array(4);

  /** The place of the id that was just read, or the free one where it would be. */
  function find(table: Uint32Array): number {
    const last = table.length / words - 1;
    // Ids are random: any 32 bits of one are as good as a hash. What others choose is never an id of ours.
    let at = (word(id, 0) ^ word(id, 3)) & last;
    for (;;) {
      const start = at * words;
      if (word(table, start + keepAt) === 0) return start;
      if (isSame(table, start, id)) return start;
      at = (at + 1) & last;
    }
  }

  function write(table: Uint32Array, start: number, value: number, keepUntil: number): void {
    for (let i = 0; i < 4; i++) table[start + i] = word(id, i);
    table[start + valueAt] = value;
    table[start + keepAt] = keepUntil;
  }

  /** Makes room: by leaving out what needs not be kept any more, by a larger table where that is not enough. */
  function grow(): void {
    const old = places;
    const time = now();
    let kept = 0;
    for (let at = 0; at < old.length; at += words) if (word(old, at + keepAt) > time) kept += 1;
    let capacity = smallest;
    while (kept >= capacity * maxLoad * 0.8) capacity *= 2;
    places = new Uint32Array(capacity * words);
    mask = capacity - 1;
    size = kept;
    for (let at = 0; at < old.length; at += words) {
      if (word(old, at + keepAt) <= time) continue;
      for (let i = 0; i < 4; i++) id[i] = word(old, at + i);
      write(places, find(places), word(old, at + valueAt), word(old, at + keepAt));
    }
  }

  return {
    get(text) {
      if (!readId(text, id)) return 0;
      const start = find(places);
      return word(places, start + keepAt) === 0 ? 0 : word(places, start + valueAt);
    },
    raise(text, value, keepUntil) {
      if (size + 1 > (mask + 1) * maxLoad) grow();
      if (!readId(text, id)) return;
      const start = find(places);
      const isNew = word(places, start + keepAt) === 0;
      if (isNew) size += 1;
      const known = isNew ? 0 : word(places, start + valueAt);
      write(
        places,
        start,
        Math.max(known, Math.min(value, ended)),
        Math.max(word(places, start + keepAt), keepUntil, 1),
      );
    },
    forEachKept(from, visit) {
      for (let at = 0; at < places.length; at += words) {
        if (word(places, at + keepAt) >= Math.max(from, 1))
          visit(writeId(places, at), word(places, at + valueAt));
      }
    },
    get size() {
      return size;
    },
    get bytes() {
      return places.byteLength;
    },
  };
}

function word(array: Uint32Array, at: number): number {
  return array[at] ?? 0;
}

function isSame(table: Uint32Array, start: number, id: Uint32Array): boolean {
  return (
    table[start] === id[0] &&
    table[start + 1] === id[1] &&
    table[start + 2] === id[2] &&
    table[start + 3] === id[3]
  );
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** Value of each character code; 255: not of the alphabet. */
const values = new Uint8Array(128).fill(255);
for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i;

/** Reads 22 characters of base64url into four words; `false` if the text is no session id. */
function readId(text: string, id: Uint32Array): boolean {
  if (text.length !== 22) return false;
  let bits = 0;
  let buffer = 0;
  let at = 0;
  for (let i = 0; i < 22; i++) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? (values[code] ?? 255) : 255;
    if (value === 255) return false;
    const free = 32 - bits;
    if (free > 6) {
      buffer = (buffer << 6) | value;
      bits += 6;
    } else {
      id[at++] = (buffer << free) | (value >>> (6 - free));
      bits = 6 - free;
      buffer = value & ((1 << bits) - 1);
    }
  }
  return true;
}

/** The text of four words. */
function writeId(table: Uint32Array, start: number): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (let i = 0; i < 4; i++) {
    const value = word(table, start + i);
    for (let shift = 24; shift >= 0; shift -= 8) {
      buffer = ((buffer << 8) | ((value >>> shift) & 255)) & 0xffff;
      bits += 8;
      while (bits >= 6) {
        bits -= 6;
        text += alphabet[(buffer >>> bits) & 63];
      }
    }
  }
  return text + alphabet[(buffer << (6 - bits)) & 63];
}
