// Renews sign-ins that are about to expire. It guards nothing: each page, action and route asks by itself.
export { proxy } from "./lib/auth";

export const config = { matcher: "/((?!_next/static|_next/image|favicon.ico).*)" };
