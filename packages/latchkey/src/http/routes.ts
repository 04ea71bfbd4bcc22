import { oauthRoutes } from "./oauth/routes.ts";
import type { Route } from "./route.ts";
import { accountRoutes } from "./routes/account.ts";
import { adminRoutes } from "./routes/admin.ts";
import { adminSessionRoutes } from "./routes/admin-sessions.ts";
import { metaRoutes } from "./routes/meta.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { signInRoutes } from "./routes/sign-in.ts";

/** Every route under the base path. */
export const routes: readonly Route[] = [
  ...signInRoutes,
  ...sessionRoutes,
  ...accountRoutes,
  ...oauthRoutes,
  ...adminRoutes,
  ...adminSessionRoutes,
  ...metaRoutes,
];
