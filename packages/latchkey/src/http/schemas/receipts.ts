import { z } from "zod";

const time = z.iso.datetime();

/** How far a revocation has come. */
export const receipt: z.ZodType = z
  .object({
    verifiers: z.number().int().meta({ description: "Processes that were checking by what they know." }),
    confirmed: z.number().int().meta({ description: "Of these, those that have applied it." }),
    expired: z
      .number()
      .int()
      .meta({ description: "Of these, those that have stopped trusting what they know." }),
    complete: z.boolean().meta({ description: "True: no check that begins now accepts what was revoked." }),
    ms: z.number().int().meta({ description: "How long that took." }),
    behind: z.array(z.string()).meta({ description: "Processes of which neither can be said yet." }),
    until: time.optional().meta({ description: "When what cannot be taken back is over." }),
  })
  .meta({ id: "Receipt" });

/** The processes that follow the change log. */
export const verifiers: z.ZodType = z.object({
  verifiers: z.array(
    z
      .object({
        node: z.string(),
        behind: z.number().int().meta({ description: "Entries of the change log it has not applied yet." }),
        age: z.number().int().meta({ description: "Milliseconds since it was heard of." }),
        lease: z.number().int().meta({
          description: "Milliseconds without a word after which it has stopped trusting what it knows.",
        }),
        accepts: z.boolean().meta({ description: "It goes on with what it knows even then." }),
      })
      .meta({ id: "Verifier" }),
  ),
});
