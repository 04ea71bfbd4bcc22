/** A cookie in the form in which Next takes it. */
export interface NextCookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly sameSite: "lax";
  readonly maxAge?: number;
  readonly domain?: string;
}

/** A `Set-Cookie` of ours for Next, which wants it in pieces. All of ours are `SameSite=Lax` (P25). */
export function readSetCookie(line: string): NextCookie {
  const [pair = "", ...rest] = line.split("; ");
  const equals = pair.indexOf("=");
  const attributes = new Map(rest.map((attribute) => splitAttribute(attribute)));
  const maxAge = attributes.get("max-age");
  const domain = attributes.get("domain");
  return {
    name: pair.slice(0, equals),
    value: pair.slice(equals + 1),
    path: attributes.get("path") ?? "/",
    httpOnly: attributes.has("httponly"),
    secure: attributes.has("secure"),
    sameSite: "lax",
    ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
    ...(domain === undefined ? {} : { domain }),
  };
}

function splitAttribute(attribute: string): [name: string, value: string] {
  const [name = "", value = ""] = attribute.split("=", 2);
  return [name.toLowerCase(), value];
}

/** A response with cookies beside its own, kept from every cache. A copy: responses that come from elsewhere do not change. */
export function withSetCookies(response: Response, setCookies: readonly string[]): Response {
  if (setCookies.length === 0) return response;
  const own = new Response(response.body, response);
  for (const line of setCookies) own.headers.append("set-cookie", line);
  own.headers.set("cache-control", "no-store");
  return own;
}
