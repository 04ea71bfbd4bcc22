import ipaddr from "ipaddr.js";

/** An IP address, whatever its spelling was. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A range of addresses (CIDR, RFC 4632): a network and how many of its bits count. */
export type AddressRange = readonly [network: Address, bits: number];

/**
 * Reads an address: brackets, a port and a zone are cut off, and an IPv4 address written as IPv6 (RFC 4291, section
 * 2.5.5.2) is the IPv4 address. Undefined if it is none; `010.0.0.1` and other spellings that programs read
 * differently are none.
 */
export function parseAddress(text: string): Address | undefined {
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](?::\d{1,5})?$/, "$1")
    .replace(/^([\d.]+):\d{1,5}$/, "$1")
    .replace(/%.*$/, "");
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare);
  return ipaddr.IPv6.isValid(bare) ? unmapped(ipaddr.IPv6.parse(bare)) : undefined;
}

function unmapped(address: ipaddr.IPv6): Address {
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/** Reads a range, e.g. `10.0.0.0/8` or `2001:db8::/32`; one address is a range of its own. */
export function parseRange(text: string): AddressRange | undefined {
  const [, network = "", bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseAddress(network);
  if (address === undefined) return undefined;
  const longest = address.kind() === "ipv4" ? 32 : 128;
  // A range of IPv4 addresses written as IPv6 counts the 96 bits in front of them too.
  const unseen = longest === 32 && network.includes(":") && bits !== undefined ? 96 : 0;
  const length = bits === undefined ? longest : Number(bits) - unseen;
  return length >= 0 && length <= longest ? [address, length] : undefined;
}

/** Whether the address lies in one of the ranges. */
export function isWithin(address: Address, ranges: readonly AddressRange[]): boolean {
  return ranges.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
}

/**
 * Who is behind an address as far as counting goes: an IPv4 address, or the /64 that a provider gives to one
 * customer, who may take any address in it. Undefined if the text is no address.
 */
export function addressGroup(text: string): string | undefined {
  const address = parseAddress(text);
  if (address === undefined || !("parts" in address)) return address?.toString();
  return new ipaddr.IPv6([...address.parts.slice(0, 4), 0, 0, 0, 0]).toString();
}
