/** For pages, apps and scripts that talk to a Latchkey server. Nothing of the server is in here. */
export { createAuthClient } from "./client/create.ts";
export type {
  Answer,
  AuthClient,
  AuthClientOptions,
  AuthState,
  ClientErrorCode,
  ClientRefusal,
  CurrentUser,
  Device,
  SessionInfo,
  SessionOfUser,
  TokenStorage,
} from "./client/types.ts";
