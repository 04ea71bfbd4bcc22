import { LatchkeyError } from "latchkey";
import { expect, test, vi } from "vitest";
import { argon2Hasher } from "../../../packages/latchkey/src/user/password/argon2.ts";

vi.mock("@node-rs/argon2", () => {
  throw new Error("no binary for this platform");
});

test("where the native module does not load, both methods say so, with the cause for the log", async () => {
  const { hash, verify } = argon2Hasher();
  for (const method of [() => hash("password"), () => verify("$argon2id$", "password")]) {
    const error: unknown = await method().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LatchkeyError);
    expect(error).toMatchObject({ code: "hasher_unavailable", cause: expect.any(Error) });
  }
});
