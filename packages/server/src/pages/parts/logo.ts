import { html } from "hono/html";

/** A key, drawn in the colour of the text around it. */
export const logo: ReturnType<typeof html> =
  html`<svg class="logo" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
<rect class="logo-back" width="32" height="32" rx="8"/>
<g class="logo-key" fill="none" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round">
<circle cx="11.5" cy="20.5" r="4.7"/><path d="M15 17 24.5 7.5M21 11l3.6 3.6M17.6 14.4l2.4 2.4"/>
</g></svg>`;
