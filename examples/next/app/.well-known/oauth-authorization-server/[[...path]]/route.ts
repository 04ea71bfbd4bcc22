import { handlers } from "../../../../lib/auth";

// Only for programs that ask where the routes of OAuth are.
export const { GET } = handlers;
