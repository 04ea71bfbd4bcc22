import { html } from "hono/html";
import type { DeviceSession } from "latchkey";
import type { Failure } from "../../forms/failure.ts";
import { doneNote, summaryOf } from "../parts/fields.ts";
import type { Page } from "../site.ts";
import type { Who } from "../who.ts";
import { devicesSection, signOutForm } from "./devices.ts";
import { deleteSection, passwordSection, profileSection } from "./sections.ts";

/** What the account page shows. */
export interface AccountState {
  readonly who: Who;
  readonly devices: readonly DeviceSession[];
  readonly passwordMinLength: number;
  /** What was just done. */
  readonly done?: string | undefined;
  /** The form that was not accepted, and why. */
  readonly failed?: { readonly action: string; readonly failure: Failure };
}

/** What a visit may say was done: a fixed set, since anyone can write a link. */
const notes: ReadonlyMap<string, string> = new Map([
  ["name", "Your name is saved."],
  ["password", "Your password is changed. Every other device is signed out."],
  ["device", "That device is signed out."],
  ["others", "Every other device is signed out."],
]);

/** The account page: who am I, my devices, and what I can change. */
export function accountPage({ who, devices, passwordMinLength, done, failed }: AccountState): Page {
  const { user, session } = who.loaded;
  const failureIn = (...names: string[]) =>
    names.includes(failed?.action ?? "") ? failed?.failure : undefined;
  const body = html`<h1>${user.name ?? user.email ?? "Your account"}</h1>
${doneNote(notes.get(done ?? ""))}
${profileSection(user, failureIn("rename"))}
${devicesSection(devices, session.id, summaryOf(failureIn("revoke", "revoke-others")))}
${passwordSection(user, passwordMinLength, failureIn("change-password"))}
${deleteSection(failureIn("delete"))}`;
  return {
    title: failed ? "Not changed" : "Your account",
    body,
    corner: signOutForm(html`Sign out`),
    wide: true,
    status: failed?.failure.status ?? 200,
    retryAfter: failed?.failure.retryAfter,
  };
}
