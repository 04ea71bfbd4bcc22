"use server";

import { safeNext, sendCookies } from "latchkey/next";
import { redirect } from "next/navigation";
import { callFrom, latch, requireAuth } from "../lib/auth";
import { addNote } from "../lib/notes";

export async function signIn(form: FormData): Promise<void> {
  const next = safeNext(form.get("next"), "/account");
  const result = await latch.api.signInEmail(credentials(form), await callFrom());
  if (!result.ok) redirect(`/sign-in?error=${result.code}&next=${encodeURIComponent(next)}`);
  await sendCookies(result);
  redirect(next);
}

export async function signUp(form: FormData): Promise<void> {
  const result = await latch.api.signUpEmail(credentials(form), await callFrom());
  if (!result.ok) redirect(`/sign-up?error=${result.code}`);
  await sendCookies(result);
  redirect("/account");
}

export async function signOut(): Promise<void> {
  const call = await callFrom();
  const result = await latch.api.signOut(call.request, {}, call);
  if (result.ok) await sendCookies(result);
  redirect("/");
}

export async function writeNote(form: FormData): Promise<void> {
  await requireAuth({ permission: "note:write" });
  addNote(text(form, "text"));
  redirect("/account");
}

export async function makeEditor(form: FormData): Promise<void> {
  const { user } = await requireAuth({ role: "admin" });
  await latch.api.setRole({ userId: text(form, "userId"), roles: ["editor"] }, await callFrom(user.id));
  redirect("/admin");
}

function credentials(form: FormData): { email: string; password: string } {
  return { email: text(form, "email"), password: text(form, "password") };
}

function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}
