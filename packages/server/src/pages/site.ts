import type { Context } from "hono";
import type { html } from "hono/html";
import type { Auth } from "latchkey";
import type { Form } from "../forms/read-form.ts";
import type { SetupGate } from "../run/first-admin.ts";

/** Escaped HTML. */
export type Markup = ReturnType<typeof html>;

/** What the pages need to know of the server. */
export interface Site {
  readonly auth: Auth;
  readonly baseURL: string;
  readonly signUpOpen: boolean;
  readonly passwordMinLength: number;
  readonly gate: SetupGate;
}

/** A request for a page. */
export interface Visit {
  readonly site: Site;
  readonly c: Context;
}

/** A form that one of our pages sent. */
export interface Submission extends Visit {
  readonly form: Form;
}

/** A page without its frame. */
export interface Page {
  readonly title: string;
  readonly body: Markup;
  /** Beside the logo, e.g. the button that signs out. */
  readonly corner?: Markup;
  /** Room for more than one form. */
  readonly wide?: boolean;
  readonly status?: number;
  /** Seconds after which trying again makes sense. */
  readonly retryAfter?: number | undefined;
}
