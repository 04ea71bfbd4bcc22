import { postAccount, postSignOut, showAccount } from "./account/account.ts";
import { postSetup, showSetup } from "./setup.ts";
import { postSignIn, showSignIn } from "./sign-in.ts";
import { postSignUp, showSignUp } from "./sign-up.ts";
import type { Submission, Visit } from "./site.ts";

/** What answers at a page's address. */
interface PageRoute {
  readonly path: string;
  readonly show?: (visit: Visit) => Promise<Response>;
  readonly post: (sent: Submission) => Promise<Response>;
}

/** All pages. */
export const routes: readonly PageRoute[] = [
  { path: "/sign-in", show: showSignIn, post: postSignIn },
  { path: "/sign-up", show: showSignUp, post: postSignUp },
  { path: "/sign-out", post: postSignOut },
  { path: "/account", show: showAccount, post: postAccount },
  { path: "/setup", show: showSetup, post: postSetup },
];
