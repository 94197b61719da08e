/** What a user must know before saying yes to unlocking a chip. */
export const eraseLoses =
  'Unlocking erases everything on the chip: the firmware, all data in its flash, its settings (UICR) and RAM. Nothing of it can be read out and kept before.';
