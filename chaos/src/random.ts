/** Numbers that are the same for the same seed, so that a run can be repeated as far as a run can be. */
export interface Random {
  /** From 0 up to, and without, 1. */
  next(): number;
  /** A whole number below `limit`. */
  below(limit: number): number;
  between(low: number, high: number): number;
  pick<Item>(items: readonly Item[]): Item | undefined;
  /** One of the names, as often as its weight says. */
  weighted<Name extends string>(weights: { readonly [name in Name]: number }): Name;
}

/** Mulberry32: small, fast, good enough for choosing what to break next. */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    between: (low, high) => low + next() * (high - low),
    pick: (items) => items[below(items.length)],
    weighted(weights) {
      const entries = Object.entries<number>(weights);
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      const chosen = entries.find(([, weight]) => {
        left -= weight;
        return left < 0;
      });
      return (chosen ?? entries[0])?.[0] as keyof typeof weights & string as never;
    },
  };
}
