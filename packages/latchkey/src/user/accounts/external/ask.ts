import { LatchkeyError, statusOf } from "../../../errors.ts";
import { withLimit } from "../../../lib/store/limit.ts";
import type { UsersPort } from "../../../types.ts";

/** How long a look-up waits, and what hashes a password, in milliseconds. */
const step = 2000;
const hashing = 5000;

const limits: { readonly [Method in keyof Required<UsersPort>]: number } = {
  findByEmail: step,
  findById: step,
  checkPassword: hashing,
  createUser: hashing,
  changePassword: hashing,
  setName: step,
  deleteUser: step,
};

/** Calls a method of the application's. */
export type Ask = (name: keyof UsersPort, ...args: readonly unknown[]) => Promise<unknown>;

/**
 * The one door to the application's own table. Whatever goes wrong behind it, an error of any kind or no answer at all,
 * is a fault of ours to report: it says nothing about the person who asks.
 */
export function askPort(port: UsersPort): Ask {
  return async (name, ...args) => {
    const method: unknown = port[name];
    if (typeof method !== "function")
      throw new LatchkeyError("kept_elsewhere", `users.${name} is not there, and was called`);
    // Inside a promise from the start: a method that throws at once is no different from one that rejects.
    const work = (async (): Promise<unknown> => Reflect.apply(method, port, args))();
    try {
      return await withLimit(work, limits[name], `users.${name} did not answer`);
    } catch (error) {
      if (error instanceof LatchkeyError && statusOf(error.code) >= 501) throw error;
      throw new LatchkeyError("cannot_tell", `users.${name} failed`, { cause: error });
    }
  };
}
