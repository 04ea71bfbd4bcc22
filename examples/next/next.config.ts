import type { NextConfig } from "next";

const config: NextConfig = {
  // Pages answer 401 and 403 by app/unauthorized.tsx and app/forbidden.tsx.
  experimental: { authInterrupts: true },
};

export default config;
