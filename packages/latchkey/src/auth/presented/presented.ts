import { refuse } from "../../errors.ts";
import { refuseForeign } from "../../read/origin.ts";
import type { ApiContext } from "../../session/context.ts";
import type { Core } from "../core.ts";
import { judgePresented } from "./judge.ts";
import type { Stages } from "./stages.ts";

/** Gives every credential a request carries: sign-out ends them all, also those that merely expired. */
export function makePresented(core: Core, stages: Stages): ApiContext["presented"] {
  return async (request) => {
    const keyring = await core.keys.load();
    const found = core.readCredentials(request);
    if (found.kind === "none") return [];
    if (found.kind === "refused") return refuse("credential_invalid");
    if (found.kind === "cookie") {
      const refusal = refuseForeign(request, core.settings);
      if (refusal !== undefined) return refusal;
    }
    return Promise.all(
      found.credentials.map(async (credential) => {
        const cookieOf = found.kind === "cookie" ? credential.clients[0] : undefined;
        return { cookieOf, ...(await judgePresented(core, stages, keyring, credential)) };
      }),
    );
  };
}
