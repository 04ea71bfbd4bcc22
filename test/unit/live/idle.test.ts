import { memoryStore } from "latchkey/memory";
import { expect, test } from "vitest";
import { arrive, carry, live, makeNodes, type Node } from "./stage.ts";

// Where nothing runs between two requests, a check keeps itself up to date.

const bound = 0.5;
const pass = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

test.each(live)("%s: a check reads what is new itself once that is due", async (client) => {
  const [idle] = makeNodes(1, { revocation: { background: false, maxStaleness: bound } }) as [Node];
  const signedIn = await arrive(idle, client);
  const check = (context?: { waitUntil: (work: Promise<unknown>) => void }) =>
    idle.auth.authenticate(carry(signedIn), context);
  expect(await check()).toMatchObject({ ok: true });
  expect(await check()).toMatchObject({ ok: true });
  idle.calls.length = 0;
  expect(await check()).toMatchObject({ ok: true });
  expect(idle.calls).toEqual([]);
  await pass((bound * 1000) / 2 + 20);
  const works: Promise<unknown>[] = [];
  expect(await check({ waitUntil: (work) => void works.push(work) })).toMatchObject({ ok: true });
  expect(works).toHaveLength(1);
  await works[0];
  expect(await check({ waitUntil: (work) => void works.push(work) })).toMatchObject({ ok: true });
  expect(works).toHaveLength(1);
  // Too old to answer from: nothing is put off (P36).
  await pass(bound * 1000 + 20);
  expect(await check({ waitUntil: (work) => void works.push(work) })).toMatchObject({ ok: true });
  expect(works).toHaveLength(1);
});

test.each(live)("%s: what another process has revoked is refused within the bound", async (client) => {
  const store = memoryStore();
  const [other] = makeNodes(1, { store }) as [Node];
  const revocation = { background: false, maxStaleness: bound };
  // Another object, so that the two share nothing but the data.
  const [idle] = makeNodes(1, { store: { ...store }, revocation }) as [Node];
  const signedIn = await arrive(other, client);
  const check = () => idle.auth.authenticate(carry(signedIn));
  expect(await check()).toMatchObject({ ok: true });
  expect(await check()).toMatchObject({ ok: true });
  await other.auth.api.revokeSession({ sessionId: signedIn.session.id });
  await pass(bound * 1000 + 20);
  expect(await check()).toMatchObject({ ok: false, code: "session_ended" });
});

test.each(live)("%s: what this process has revoked itself is refused at once", async (client) => {
  const [idle] = makeNodes(1, { revocation: { background: false, maxStaleness: 2 } }) as [Node];
  const signedIn = await arrive(idle, client);
  const check = () => idle.auth.authenticate(carry(signedIn));
  for (let i = 0; i < 3; i++) expect(await check()).toMatchObject({ ok: true });
  await idle.auth.api.revokeSession({ sessionId: signedIn.session.id });
  expect(await check()).toMatchObject({ ok: false, code: "session_ended" });
});

test.each(live)("%s: a log that does not answer is asked for no longer than its time", async (client) => {
  const revocation = { background: false, maxStaleness: bound, onStale: "reject" } as const;
  const [idle] = makeNodes(1, { revocation }) as [Node];
  const signedIn = await arrive(idle, client);
  const check = async () => idle.auth.authenticate(carry(signedIn));
  await check().catch(() => undefined);
  expect(await check()).toMatchObject({ ok: true });
  idle.change({ readChanges: () => new Promise(() => undefined) });
  await pass(bound * 1000 + 20);
  const began = performance.now();
  await expect(check()).rejects.toMatchObject({ code: "stale" });
  expect(performance.now() - began).toBeLessThan(1000);
});
