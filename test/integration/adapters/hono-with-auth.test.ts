import { walkThrough } from "./open-site.ts";
import { honoWithAuthSite } from "./sites/hono-with-auth.ts";

walkThrough("hono, withAuth", honoWithAuthSite);
