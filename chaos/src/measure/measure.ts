import type { Measurement } from "../run/arguments.ts";
import { measureAppenders } from "./appenders.ts";
import { measureConfirm } from "./confirm.ts";
import { measureCut } from "./cut.ts";
import { measureRevocations } from "./revocations.ts";
import type { Measure, Measured } from "./stage.ts";

/** Measures what is wanted, over one store. */
export function measure(wanted: Measurement, how: Measure): Promise<Measured> {
  switch (wanted.what) {
    case "revocations":
      return measureRevocations(how, wanted.amount, wanted.atOnce);
    case "confirm":
      return measureConfirm(how);
    case "cut":
      return measureCut(how, wanted.amount);
    case "appenders":
      return measureAppenders(how, wanted.amount);
  }
}
