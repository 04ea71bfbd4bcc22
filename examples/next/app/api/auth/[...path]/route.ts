import { handlers } from "../../../../lib/auth";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = handlers;
