import { walkThrough } from "./open-site.ts";
import { honoSite } from "./sites/hono.ts";

walkThrough("hono", honoSite);
