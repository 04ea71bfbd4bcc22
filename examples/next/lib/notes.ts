interface Note {
  readonly id: number;
  readonly text: string;
}

// One list for all of Next's copies of this module, until the process ends. An application has a table instead.
const kept = globalThis as { exampleNotes?: Note[] };
kept.exampleNotes ??= [];

export const notes: readonly Note[] = kept.exampleNotes;

export function addNote(text: string): void {
  kept.exampleNotes?.push({ id: notes.length, text });
}
