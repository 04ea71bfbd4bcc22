import type { Position } from "../../types.ts";

/** A place in the log, taken apart. */
export interface Place {
  /** The store's life, its lineage first: two lives of one store, or two stores, never have the same. */
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

/** The part of a store's life that outlives a restart: after the colon stands what does not. */
export function lineageOf({ life }: Pick<Place, "life">): string {
  return life.split(":", 1)[0] ?? "";
}
