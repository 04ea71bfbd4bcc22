/** A piece of Lua, with the pieces that it builds on. */
export interface Piece {
  readonly needs: readonly Piece[];
  readonly text: string;
}

/**
 * What a script may do where others may not. `allow-oom`: run although the server has used up its memory, as what reads,
 * forbids or only writes anew must. Without a flag Redis runs it on a primary only, whatever it does.
 */
export type ScriptFlag = "allow-oom";

/** A script: one atomic step of the store. */
export interface Script {
  /** For messages. */
  readonly name: string;
  readonly flags: readonly ScriptFlag[];
  /** Without the first line, which names the flags: a transport that does not know them leaves it out. */
  readonly body: string;
}

/** Puts a script together: each piece once, after those that it needs. */
export function makeScript(
  name: string,
  needs: readonly Piece[],
  text: string,
  flags: readonly ScriptFlag[] = [],
): Script {
  const pieces = new Set<Piece>();
  const add = (piece: Piece): void => {
    for (const needed of piece.needs) add(needed);
    pieces.add(piece);
  };
  for (const piece of needs) add(piece);
  return { name, flags, body: [...[...pieces].map((piece) => piece.text), text].join("\n") };
}

/** The names as a list of Lua, e.g. the members of a record in the order in which rows hold them. */
export function luaList(names: readonly string[]): string {
  return `{${names.map((name) => `'${name}'`).join(", ")}}`;
}
