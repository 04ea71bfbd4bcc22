import { walkThrough } from "./open-site.ts";
import { koaSite } from "./sites/koa.ts";

walkThrough("koa", koaSite);
