// @ts-check
// Ratios of one check to floors of the same rounds, as JSON: what a test holds against bounds. Absolute times mean nothing
// on somebody else's machine.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure, ratio } from "./lib/rounds.js";
import { bytesOf } from "./micro/allocations.js";
import { floors } from "./micro/floors.js";
import { coldCases, liveCases } from "./micro/latchkey.js";

const folder = mkdtempSync(join(tmpdir(), "latchkey-guard-"));
try {
  const cold = await coldCases(join(folder, "guard.db"));
  const floor = floors(cold.hs256.tokens);
  const size = { rounds: 15, milliseconds: 30 };
  // Before anything is remembered: as a process does that knows such tokens only.
  const alone = await measure(
    [
      { name: "hand", run: floor.hand },
      { name: "ed25519", run: floor.ed25519 },
      { name: "hs256", run: cold.hs256.run },
      { name: "eddsa", run: cold.eddsa.run },
    ],
    size,
  );
  const [empty, full] = [await liveCases(0), await liveCases(50_000)];
  const beside = await measure(
    [
      { name: "known", run: floor.known },
      { name: "jwt-live", run: empty.jwt },
      { name: "session-live", run: empty.session },
      { name: "cookie", run: empty.cookie },
      { name: "jwt-live, full", run: full.jwt },
      { name: "hand, beside", run: floor.hand },
      { name: "hs256, beside", run: cold.hs256.run },
    ],
    size,
  );
  const results = new Map([...alone, ...beside]);
  const of = (/** @type {string} */ name) => (results.get(name) ?? []).map(({ cpu }) => cpu);
  const ratios = {
    "jwt-live to a Map look-up": ratio(of("jwt-live"), of("known")),
    "session-live to a Map look-up": ratio(of("session-live"), of("known")),
    "cookie to a Map look-up": ratio(of("cookie"), of("known")),
    "jwt-live with 50,000 revocations to none": ratio(of("jwt-live, full"), of("jwt-live")),
    "cold HS256 to a check by hand": ratio(of("hs256"), of("hand")),
    "cold HS256 to a check by hand, beside live ones": ratio(of("hs256, beside"), of("hand, beside")),
    "cold EdDSA to a bare verify": ratio(of("eddsa"), of("ed25519")),
    "cold HS256 to warm jwt-live": ratio(of("hs256, beside"), of("jwt-live")),
  };
  const bytes = Math.max(
    .../** @type {const} */ (["jwt", "cookie"]).map(
      (name) => bytesOf(empty[name]) - bytesOf(empty.strings[name]),
    ),
  );
  console.log(JSON.stringify({ ratios, bytes }));
  await Promise.all([empty, full, cold.hs256, cold.eddsa, cold.session].map(({ auth }) => auth.close()));
} finally {
  rmSync(folder, { recursive: true });
}
