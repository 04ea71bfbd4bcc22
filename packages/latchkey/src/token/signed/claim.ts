/** Latest date a claim may hold, in seconds: far beyond any of ours, far below where numbers lose whole seconds. */
const maxDate = 2 ** 33;

/** A text that says something. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value.length > 0;
}

/** A list of such texts. */
export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

/** A whole number from 0 on. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** A NumericDate (RFC 7519, section 2) in whole seconds. */
export function isDate(value: unknown): value is number {
  return isCount(value) && value <= maxDate;
}

/** As many epochs as asked for, e.g. 2 for those of all and of the user. */
export function isEpochs(value: unknown, length: number): value is number[] {
  return Array.isArray(value) && value.length === length && value.every(isCount);
}
