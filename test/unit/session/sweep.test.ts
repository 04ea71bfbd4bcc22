import { describe, expect, test } from "vitest";
import { makeStage, signIn, signUp } from "../../support/stage.ts";

const hour = 3_600_000;

describe("rows of sessions that ended two days ago", () => {
  test("are removed in the background of a sign-in, at most once an hour", async () => {
    const { auth, calls, advance } = makeStage();
    await signUp(auth, "ada@example.com");
    const sweeps = (): number => calls.filter((name) => name === "purgeSessions").length;
    expect(sweeps()).toBe(1);
    await signIn(auth, "ada@example.com");
    advance(hour - 1);
    await signIn(auth, "ada@example.com");
    expect(sweeps()).toBe(1);
    advance(1);
    await signIn(auth, "ada@example.com");
    expect(sweeps()).toBe(2);
    await auth.close();
  });

  test("go batch by batch until one comes back short", async () => {
    const left = [1000, 1000, 999, 0];
    const asked: unknown[] = [];
    const { auth } = makeStage({}, () => ({
      async purgeSessions(age, limit) {
        asked.push([age, limit]);
        return left.shift() ?? 0;
      },
    }));
    await signUp(auth, "ada@example.com");
    await auth.close();
    expect(asked).toEqual(Array.from({ length: 3 }, () => [48 * hour, 1000]));
  });

  test("that cannot be removed stop no sign-in", async () => {
    const { auth } = makeStage({}, () => ({ purgeSessions: () => Promise.reject(new Error("locked")) }));
    expect(await signUp(auth, "ada@example.com")).toHaveProperty("ok", true);
    await auth.close();
  });
});
