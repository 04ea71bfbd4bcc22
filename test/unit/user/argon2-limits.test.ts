import os from "node:os";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { argon2Hasher } from "../../../packages/latchkey/src/user/password/argon2.ts";

/** Stands in for the native module: work that ends when told to. */
const native = vi.hoisted(() => ({
  waiting: [] as (() => void)[],
  active: 0,
  most: 0,
}));

vi.mock("@node-rs/argon2", () => {
  const work = async (): Promise<string> => {
    native.most = Math.max(native.most, ++native.active);
    await new Promise<void>((resolve) => native.waiting.push(resolve));
    native.active--;
    return "$argon2id$";
  };
  return { hash: work, verify: work };
});

beforeEach(() => {
  Object.assign(native, { waiting: [], active: 0, most: 0 });
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** Lets all that runs and waits end. */
async function drain(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    for (const end of native.waiting.splice(0)) end();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** How many of twenty hashes run at once on a machine of so many cores, under a UV_THREADPOOL_SIZE. */
async function mostAtOnce(cores: number, poolSize: string | undefined): Promise<number> {
  vi.spyOn(os, "availableParallelism").mockReturnValue(cores);
  vi.stubEnv("UV_THREADPOOL_SIZE", poolSize);
  const { hash } = argon2Hasher();
  const all = Promise.all(Array.from({ length: 20 }, () => hash("password")));
  await drain();
  await all;
  return native.most;
}

describe("P38: hashing leaves one core and two threads of the pool free", () => {
  test.each([
    [1, undefined, 1],
    [2, undefined, 1],
    [3, undefined, 2],
    [16, undefined, 2],
    [16, "4", 2],
    [16, "8", 6],
    [8, "16", 7],
    [16, "2", 1],
    [16, "1", 1],
    [16, "0", 1],
    [16, "", 1],
    [16, "-3", 1],
  ])("%i cores, a pool of %s threads: %i at once", async (cores, poolSize, expected) => {
    expect(await mostAtOnce(cores, poolSize)).toBe(expected);
  });

  test("with UV_THREADPOOL_SIZE that is no number, there is still a limit", async () => {
    expect(await mostAtOnce(4, "many")).toBeLessThanOrEqual(3);
  });

  test("64 may wait; the rest is turned away as busy, and the place is free again afterwards", async () => {
    vi.stubEnv("UV_THREADPOOL_SIZE", "3");
    const { hash, verify } = argon2Hasher();
    const running = Array.from({ length: 65 }, () => hash("password"));
    await expect(hash("password")).rejects.toMatchObject({ code: "busy", retryAfter: 1 });
    await expect(verify("$argon2id$", "password")).rejects.toMatchObject({ code: "busy" });
    await drain();
    expect(await Promise.all(running)).toHaveLength(65);
    const after = hash("password");
    await drain();
    expect(await after).toBe("$argon2id$");
  });
});
