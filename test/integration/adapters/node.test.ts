import { walkThrough } from "./open-site.ts";
import { nodeSite } from "./sites/node.ts";

walkThrough("node", nodeSite);
