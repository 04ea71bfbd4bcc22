import { walkThrough } from "./open-site.ts";
import { expressSite } from "./sites/express.ts";

walkThrough("express", expressSite);
