import { type NextRequest, NextResponse } from "next/server";
import { proxy as exampleProxy } from "./example-proxy";
import { authProxy } from "./lib/auth";

const account = authProxy({}, (_request, forwarded) => {
  const response = NextResponse.next(forwarded);
  response.cookies.set("seen", "1");
  return response;
});

/** The pages' own routes of the scenario; an example has a page where the scenario wants a route. */
function scenarioProxy(request: NextRequest): Response | Promise<Response> {
  const { pathname } = request.nextUrl;
  if (pathname === "/account") return account(request);
  if (pathname === "/admin") return NextResponse.rewrite(new URL("/scenario/admin", request.url));
  return NextResponse.next();
}

/** `PROXY=none` is a site that has no proxy at all. */
export function proxy(request: NextRequest): Response | Promise<Response> {
  if (process.env.PROXY === "none") return NextResponse.next();
  return process.env.STRATEGY === undefined ? exampleProxy(request) : scenarioProxy(request);
}

export const config = { matcher: "/((?!_next/static|_next/image|favicon.ico).*)" };
