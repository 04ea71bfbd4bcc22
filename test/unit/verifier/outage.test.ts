import { expect, test } from "vitest";
import { credentialOf } from "../../support/stage.ts";
import { arrive, carry, makeStage, requestOf } from "./stage.ts";

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const down = () => Promise.reject(new TypeError("fetch failed"));
/** What of a check that fails is its code. */
const outcomeOf = (check: () => unknown): Promise<unknown> =>
  Promise.resolve()
    .then(check)
    .catch((error: { name: string; code?: string }) => `${error.name} ${error.code}`);

/** A token by a key that nobody has. */
function foreign(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: "EdDSA", typ: "at+jwt", kid: "x" })).toString("base64url");
  return token.replace(/^[^.]+/, header);
}

test("a token by a new key, while the server does not answer: a fault each time, and no refusal", async () => {
  const stage = await makeStage();
  const verifier = stage.verifier();
  await verifier.start();
  stage.meet(down);
  await stage.auth.api.rotateKeys({ compromised: true });
  const request = requestOf(await arrive(stage));
  for (let round = 0; round < 3; round++)
    expect(await outcomeOf(() => verifier.authenticate(request))).toBe("LatchkeyError cannot_tell");
  expect(await verifier.authenticate(carry("no token of ours")), "nobody has to be asked").toEqual({
    ok: false,
    code: "credential_invalid",
  });
  stage.meet(undefined);
  await expect
    .poll(() => outcomeOf(() => verifier.authenticate(request)), { timeout: 8000 })
    .toMatchObject({
      ok: true,
    });
});

test.each([{}, { keys: "none" }, { error: "sign in to this network" }])(
  "%j is no JWK set: the keys stay",
  async (answer) => {
    const stage = await makeStage();
    const verifier = stage.verifier();
    await verifier.start();
    const [known, other] = [await arrive(stage), await arrive(stage)];
    stage.meet((asked, go) =>
      asked.url.endsWith("jwks.json") ? Promise.resolve(Response.json(answer)) : go(),
    );
    const unknown = carry(foreign(credentialOf(known)));
    expect(await outcomeOf(() => verifier.authenticate(unknown))).toBe("LatchkeyError cannot_tell");
    expect(await verifier.authenticate(requestOf(other))).toMatchObject({ ok: true });
  },
);

test("all who come while the first check reads what there is wait with it", async () => {
  const stage = await makeStage();
  const request = requestOf(await arrive(stage));
  let reading = false;
  stage.meet(async (asked, go) => {
    reading ||= asked.url.endsWith("/changes");
    if (reading) await sleep(50);
    return go();
  });
  const verifier = stage.verifier();
  const first = verifier.authenticate(request);
  await expect.poll(() => reading, { interval: 1 }).toBe(true);
  expect(await outcomeOf(() => verifier.authenticate(request))).toMatchObject({ ok: true });
  expect(await first).toMatchObject({ ok: true });
});

test("an answer that was seven seconds under way makes no token live longer", async () => {
  const stage = await makeStage({ access: { expiresIn: 3 } });
  const signedIn = await arrive(stage);
  const request = requestOf(signedIn);
  const verifier = stage.verifier({ maxStaleness: 60 });
  expect(await verifier.authenticate(request)).toMatchObject({ ok: true });
  const expires = Date.now() + 3000;
  let held: "no" | "yes" | "over" = "no";
  stage.meet(async (asked, go) => {
    if (!asked.url.endsWith("/changes") || held === "over") return go();
    if (held === "yes") return down();
    held = "yes";
    const response = await go();
    await sleep(7000);
    return response;
  });
  // The read under way comes back; the one after it is held up.
  await stage.auth.api.setRole({ userId: signedIn.user.id, roles: ["x"] });
  await expect.poll(() => held).toBe("yes");
  await stage.auth.api.setRole({ userId: signedIn.user.id, roles: ["y"] });
  while (Date.now() < expires + 6000) {
    await sleep(20);
    const outcome = await outcomeOf(() => verifier.authenticate(request));
    if (Date.now() > expires + 100) expect(outcome).toEqual({ ok: false, code: "access_expired" });
  }
});
