import { walkThrough } from "./open-site.ts";
import { fastifySite } from "./sites/fastify.ts";

walkThrough("fastify", fastifySite);
