/** A value that is there at once where the runtime allows it, and later where it does not. */
export type MaybePromise<T> = T | Promise<T>;

/** Applies `next` at once to a value, or when a promise resolves. Keeps synchronous paths synchronous. */
export function chain<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
