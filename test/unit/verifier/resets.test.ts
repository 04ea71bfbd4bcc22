import { expect, test } from "vitest";
import { arrive, makeStage, requestOf, type Weather } from "./stage.ts";

/** Answers at once that the log is another one: to whoever names a place, or to all. */
const resetting =
  (whom: "those who name a place" | "all"): Weather =>
  async (request, go) => {
    if (!request.url.endsWith("/changes")) return go();
    const { after, nonce } = await request.clone().json();
    if (after === null && whom !== "all") return go();
    // As over a network: in between there is time for others.
    await new Promise((done) => setTimeout(done, 1));
    const page = { changes: [], position: "other.0.", atHead: false, reset: "moved" };
    return Response.json({ ...page, nonce, now: Date.now(), longestLife: 900_000, age: 0 });
  };

test.each([
  ["two servers that know nothing of each other", resetting("those who name a place")],
  ["there is nothing but resets", resetting("all")],
])("%s: it is not stormed", async (_, weather) => {
  const stage = await makeStage();
  const verifier = stage.verifier();
  await verifier.start();
  stage.meet(weather);
  stage.asked.length = 0;
  await stage.auth.api.revokeEverything();
  await new Promise((done) => setTimeout(done, 3000));
  expect(stage.asked.filter((path) => path === "/changes").length).toBeLessThan(40);
  stage.meet(undefined);
  const request = requestOf(await arrive(stage));
  await expect
    .poll(
      async () =>
        (
          await Promise.resolve()
            .then(() => verifier.authenticate(request))
            .catch(() => ({ ok: false }))
        ).ok,
      {
        timeout: 3000,
      },
    )
    .toBe(true);
});

test("where nothing runs in between, nobody waits for the end of resets", async () => {
  const stage = await makeStage();
  const verifier = stage.verifier({ background: false });
  stage.meet(resetting("all"));
  const request = requestOf(await arrive(stage));
  const outcome = Promise.resolve()
    .then(() => verifier.authenticate(request))
    .catch((error: { code: string }) => error.code);
  const late = new Promise((done) => setTimeout(done, 3000, "still waiting"));
  expect(await Promise.race([outcome, late])).toMatch(/cannot_tell|stale/);
});
