import { html } from "hono/html";
import type { Failure } from "../../forms/failure.ts";
import type { Markup } from "../site.ts";

/** One labelled field of a form. */
export interface Field {
  readonly name: string;
  /** Unlike the name, unique on the page. Default: the name. */
  readonly id?: string;
  readonly label: string;
  readonly type: "text" | "email" | "password";
  /** Tells password managers what belongs here (HTML, section 4.10.18.7). */
  readonly autocomplete: string;
  readonly value?: string;
  readonly hint?: string;
  readonly optional?: boolean;
  readonly minLength?: number;
}

/** Where the words of a failure stand, for the fields at fault to point to. */
const problemId = "problem";

/** A field; at fault, it is marked and points to the words of {@link summaryOf}. */
export function fieldOf(field: Field, failure?: Failure): Markup {
  const { name, id = name, type, hint, minLength } = field;
  const invalid = failure?.fields.includes(name) ?? false;
  const described = [hint && `${id}-hint`, invalid && problemId].filter(Boolean).join(" ");
  return html`<div class="field">
<label for="${id}">${field.label}${field.optional ? html` <span class="optional">(optional)</span>` : ""}</label>
${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
<input id="${id}" name="${name}" type="${type}" autocomplete="${field.autocomplete}" maxlength="1024"
${type === "text" ? "" : html`autocapitalize="none" spellcheck="false"`}
${field.value ? html`value="${field.value}"` : ""} ${field.optional ? "" : "required"}
${minLength === undefined ? "" : html`minlength="${minLength}"`}
${described === "" ? "" : html`aria-describedby="${described}"`} ${invalid ? html`aria-invalid="true"` : ""}>
</div>`;
}

/** The field of a new password, with what is asked of one. */
export function newPasswordField(minLength: number, field: Pick<Field, "name" | "id" | "label">): Field {
  const hint = `At least ${minLength} characters. Spaces and any letters are fine; a few words in a row are best.`;
  return { ...field, type: "password", autocomplete: "new-password", hint, minLength };
}

/** What is wrong with a form, at its top; read out as soon as the page is there. */
export function summaryOf(failure: Failure | undefined): Markup | undefined {
  if (failure === undefined) return undefined;
  return html`<div class="notice bad" role="alert" id="${problemId}"><p>${failure.summary}</p></div>`;
}

/** That something went well. */
export function doneNote(words: string | undefined): Markup | undefined {
  if (words === undefined) return undefined;
  return html`<div class="notice good" role="status"><p>${words}</p></div>`;
}

/** A moment as people read it, in UTC so that it means the same to everyone without a script. */
export function timeOf(milliseconds: number): Markup {
  const date = new Date(milliseconds);
  return html`<time datetime="${date.toISOString()}">${readable.format(date)} UTC</time>`;
}

const readable = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "short",
  timeZone: "UTC",
});
