import { walkThrough } from "./open-site.ts";
import { koa2Site } from "./sites/koa.ts";

walkThrough("koa 2", koa2Site);
