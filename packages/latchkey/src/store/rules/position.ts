import type { Position } from "../../types.ts";

/** A place in the log, taken apart. */
export interface Place {
  /** The store's life: two lives of one store, or two stores, never have the same. */
  readonly life: string;
  /** Which entry; 0 is the place before the first. */
  readonly n: number;
  /** The entry's random mark: after a restore another entry may stand at its place. */
  readonly tag: string;
}

const shape = /^([A-Za-z0-9_:-]{1,128})\.(0|[1-9]\d{0,14})\.([A-Za-z0-9_-]{0,32})$/;

/** The text that readers keep. */
export function formatPosition({ life, n, tag }: Place): Position {
  return `${life}.${n}.${tag}`;
}

/** What such a text says; undefined if it is none of ours. */
export function parsePosition(position: Position): Place | undefined {
  const [, life, n, tag] = shape.exec(position) ?? [];
  return life === undefined || tag === undefined ? undefined : { life, n: Number(n), tag };
}

/** Whether an entry of the log is the one that a reader has read, so that what it read before is the same too. */
export function isSamePlace(
  place: Place,
  life: string,
  entry: { readonly n: number; readonly tag: string },
): boolean {
  return place.life === life && place.n === entry.n && place.tag === entry.tag;
}
