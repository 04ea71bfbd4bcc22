import type { AuthApi } from "../types.ts";
import type { ApiContext } from "./context.ts";
import { signInEmail } from "./sign-in/email/sign-in.ts";
import { signUpEmail } from "./sign-in/email/sign-up.ts";

/** Sign-in and sign-up by e-mail and password. */
export function signInApi(context: ApiContext): Pick<AuthApi, "signInEmail" | "signUpEmail"> {
  return {
    signInEmail: (input, call = {}) => signInEmail(context, input, call),
    signUpEmail: (input, call = {}) => signUpEmail(context, input, call),
  };
}
