import { walkThrough } from "./open-site.ts";
import { express4Site } from "./sites/express.ts";

walkThrough("express 4", express4Site);
