import type { MaybePromise } from "../../lib/maybe-promise.ts";
import type { Credential } from "../../read/credential.ts";
import type { Stands, Strategy } from "../../strategy/strategy.ts";
import type { TokenCheck } from "../../token/check.ts";
import type { Keyring } from "../../token/keyring.ts";
import type { AuthResult, Client } from "../../types.ts";
import type { Core } from "../core.ts";

/** The stages of the pipeline, of which the checks of requests are made as well. */
export interface Stages {
  readonly check: (
    core: Core,
    keyring: Keyring,
    credential: Credential,
  ) => MaybePromise<TokenCheck | undefined>;
  readonly decide: (
    core: Core,
    checked: TokenCheck | undefined,
    credential: Credential,
  ) => MaybePromise<AuthResult>;
  readonly findStrategy: (core: Core, checked: TokenCheck, clients: readonly Client[]) => Found | undefined;
  readonly stands: (core: Core, checked: TokenCheck, credential: Credential) => Stands;
}

/** Who carries a credential, and how it is judged. */
export interface Found {
  readonly client: Client;
  readonly strategy: Strategy;
}
