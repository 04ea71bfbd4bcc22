import { LatchkeyError, type Store } from "latchkey";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bearerRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, type Stage, signUp } from "../../support/stage.ts";

const email = "ada@example.com";

/** A stage, a request that its store accepts, and what makes the named method of the store do something else. */
async function makeBreakable<Name extends Exclude<keyof Store, "listen">>(
  name: Name,
): Promise<Stage & { request: ReturnType<typeof bearerRequest>; breakWith: (method: Store[Name]) => void }> {
  let broken: Store[Name] | undefined;
  const stage = makeStage({}, (inner) => {
    const method = (...input: unknown[]): unknown => Reflect.apply(broken ?? inner[name], inner, input);
    return { [name]: method } as Partial<Store>;
  });
  const request = bearerRequest(credentialOf(await signUp(stage.auth, email, "mobile")));
  const breakWith = (method: Store[Name]): void => {
    broken = method;
  };
  return { ...stage, request, breakWith };
}

/** What comes of a check: a code that was thrown, or given. */
async function outcome(checking: Promise<unknown>): Promise<string> {
  return checking.then(
    () => "answered",
    (error: unknown) => (error instanceof LatchkeyError ? `thrown ${error.code}` : `thrown ${String(error)}`),
  );
}

describe("whatever a store's driver throws", () => {
  test.each([
    ["rejects with an error", () => Promise.reject(new Error("ECONNREFUSED db.internal"))],
    ["rejects with no error", () => Promise.reject("down")],
    [
      "throws at once",
      () => {
        throw new TypeError("undefined is not a function");
      },
    ],
  ])("is one fault: cannot_tell, with the cause for the log, where it %s", async (_, method) => {
    const { auth, request, breakWith } = await makeBreakable("readSession");
    breakWith(method);
    const checking = Promise.resolve(auth.authenticate(request));
    await expect(checking).rejects.toMatchObject({
      name: "LatchkeyError",
      code: "cannot_tell",
      retryAfter: 1,
    });
    await expect(checking).rejects.toHaveProperty("cause");
  });

  test("a LatchkeyError of its own goes through as it is", async () => {
    const { auth, request, breakWith } = await makeBreakable("readSession");
    const fault = new LatchkeyError("busy", "too many", { retryAfter: 7 });
    breakWith(() => Promise.reject(fault));
    await expect(auth.authenticate(request)).rejects.toBe(fault);
  });
});

describe("P32: a store that does not answer", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test("is given up by a check after 200 ms, and what it says later counts for nothing", async () => {
    const { auth, request, breakWith } = await makeBreakable("readSession");
    let answer: (read: never) => void = () => undefined;
    breakWith(() => new Promise((resolve) => (answer = resolve)));
    const checking = outcome(Promise.resolve(auth.authenticate(request)));
    await vi.advanceTimersByTimeAsync(199);
    expect(await Promise.race([checking, "waits"])).toBe("waits");
    // The moment for an answer that came while nobody looked.
    await vi.advanceTimersByTimeAsync(2);
    expect(await checking).toBe("thrown cannot_tell");
    answer({} as never);
    await vi.advanceTimersByTimeAsync(0);
  });

  test("is given up by everything else after 2 s", async () => {
    const { auth, breakWith } = await makeBreakable("endSessions");
    breakWith(() => new Promise(() => undefined));
    const revoking = outcome(auth.api.revokeSessions({ userId: "user-1" }));
    await vi.advanceTimersByTimeAsync(1999);
    expect(await Promise.race([revoking, "waits"])).toBe("waits");
    // The moment for an answer that came while nobody looked.
    await vi.advanceTimersByTimeAsync(2);
    expect(await revoking).toBe("thrown cannot_tell");
  });

  test("leaves no timer behind when it does", async () => {
    const { auth, request } = await makeBreakable("readSession");
    expect(await auth.authenticate(request)).toHaveProperty("ok", true);
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
