/**
 * Whether one of the roles grants the permission. A granted `*` is all; `post:*` is everything that starts with
 * `post:`. A wildcard counts only at the end of what is granted, never in what is asked for.
 */
export function grants(
  permissions: ReadonlyMap<string, readonly string[]>,
  roles: readonly string[],
  permission: string,
): boolean {
  return roles.some((role) => permissions.get(role)?.some((granted) => covers(granted, permission)) ?? false);
}

/** All that the roles are granted, as it was written down, each once. */
export function permissionsOf(
  permissions: ReadonlyMap<string, readonly string[]>,
  roles: readonly string[],
): readonly string[] {
  return [...new Set(roles.flatMap((role) => permissions.get(role) ?? []))];
}

/** Whether one thing granted covers the permission asked for. */
export function covers(granted: string, permission: string): boolean {
  if (granted === "*" || granted === permission) return true;
  return (
    granted.endsWith(":*") &&
    permission.length >= granted.length &&
    permission.startsWith(granted.slice(0, -1))
  );
}
