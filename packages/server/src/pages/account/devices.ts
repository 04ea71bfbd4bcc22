import { html } from "hono/html";
import type { DeviceSession } from "latchkey";
import { timeOf } from "../parts/fields.ts";
import type { Markup } from "../site.ts";

/** Where the account is signed in, each with a way to end it. Shows ids of sessions, which are no credentials. */
export function devicesSection(
  devices: readonly DeviceSession[],
  currentId: string,
  problem?: Markup,
): Markup {
  // This device first: it is the one that people look for.
  const sorted = [...devices].sort((a, b) => Number(b.id === currentId) - Number(a.id === currentId));
  const others = devices.length > 1 || (devices.length === 1 && devices[0]?.id !== currentId);
  return html`<section aria-labelledby="devices">
<h2 id="devices">My devices</h2>
<p class="hint">Everywhere you are signed in. Signing a device out takes effect at once.</p>
${problem}
<ul class="devices">
${sorted.map((device) => deviceItem(device, device.id === currentId))}
</ul>
${
  others &&
  html`<form method="post" action="/account">
<button type="submit" name="action" value="revoke-others">Sign out everywhere else</button>
</form>`
}
</section>`;
}

function deviceItem(device: DeviceSession, isCurrent: boolean): Markup {
  const name = device.device ?? "Unknown device";
  return html`<li>
<div class="device">
<p class="device-name">${name} ${isCurrent && html`<span class="badge">This device</span>`}</p>
<dl>
<div><dt>Place</dt><dd>${device.ipAddress ?? "unknown"}</dd></div>
<div><dt>Signed in through</dt><dd>${device.client}</dd></div>
<div><dt>First seen</dt><dd>${timeOf(device.createdAt)}</dd></div>
<div><dt>Last seen</dt><dd>${timeOf(device.lastSeenAt)}</dd></div>
</dl>
</div>
${isCurrent ? signOutForm(html`Sign out<span class="unseen"> this device</span>`) : revokeForm(device.id, name)}
</li>`;
}

/** The button that ends the session of the request itself. */
export function signOutForm(label: Markup): Markup {
  return html`<form method="post" action="/sign-out"><button type="submit">${label}</button></form>`;
}

function revokeForm(id: string, name: string): Markup {
  return html`<form method="post" action="/account">
<input type="hidden" name="action" value="revoke">
<input type="hidden" name="sessionId" value="${id}">
<button type="submit">Sign out<span class="unseen"> ${name}</span></button>
</form>`;
}
