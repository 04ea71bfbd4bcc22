import type { Logger, WatchHandlers } from "latchkey";
import { expect, test, vi } from "vitest";
import { arrive, carry, makeNodes, type Node } from "./stage.ts";

test.each<[string, () => unknown]>([
  [
    "throws",
    () => {
      throw new Error("the socket is closed");
    },
  ],
  ["rejects", () => Promise.reject(new Error("the socket is closed"))],
])("an owner that %s is logged; the others are told, of this and of what comes later", async (_, fail) => {
  const warned: string[] = [];
  const note = (_fields: object, message: string): void => void warned.push(message);
  const logger: Logger = { info: () => undefined, warn: note, error: note };
  const [here, there] = makeNodes(2, { logger }) as [Node, Node];
  const signedIn = await arrive(here, "jwt-live");
  const open = async (handlers: WatchHandlers): Promise<void> => {
    const result = await there.auth.authenticate(carry(signedIn));
    if (!result.ok) throw new Error(result.code);
    there.auth.watch(result, handlers);
  };
  const told: string[] = [];
  await open({ onEnd: fail, onChange: fail });
  await open({ onEnd: ({ code }) => void told.push(code), onChange: () => void told.push("changed") });
  await here.auth.api.setRole({ userId: signedIn.user.id, roles: ["editor"] });
  await vi.waitFor(() => expect(told).toEqual(["changed"]));
  await here.auth.api.revokeSession({ sessionId: signedIn.session.id });
  await vi.waitFor(() => expect(told).toEqual(["changed", "session_ended"]));
  expect(warned).toEqual(Array(2).fill("what watch() was given to call failed"));
});
