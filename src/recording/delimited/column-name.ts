/** A column by its heading: `MLII (mV)`, `ecg_uV`, `[mV]`. */
export interface ColumnName {
  name: string;
  /** '' where the heading does not say. */
  units: string;
}

export function columnName(heading: string): ColumnName {
  const bracketed = /^(.*?)\s*[([]([^()[\]]*)[)\]]$/.exec(heading);
  if (bracketed) return { name: bracketed[1], units: bracketed[2].trim() };
  // A volt alone is not looked for: `lead_V` is a lead.
  const suffixed = /^(.+?)\s*[_./ -]\s*([mµμun]V)$/i.exec(heading);
  return suffixed ? { name: suffixed[1], units: suffixed[2] } : { name: heading, units: '' };
}

/** `mV`, `uV`, `V` or `nV` for any way to write them, undefined for what is no voltage. */
export function voltage(units: string): string | undefined {
  const plain = /^([mun]?)v(olts?)?$/.exec(units.toLowerCase().replace(/[µμ]/, 'u'));
  return plain ? `${plain[1]}V` : undefined;
}

/** What the numbers of a time column count: seconds each, or samples. */
export type TimeUnit = number | 'samples';

const timeUnits: readonly (readonly [RegExp, TimeUnit])[] = [
  [/^(s|secs?|seconds?)$/, 1],
  [/^(ms|msecs?|millis|milliseconds?)$/, 1e-3],
  [/^([uµμ]s|usecs?|micros|microseconds?)$/, 1e-6],
  [/^(ns|nsecs?|nanos|nanoseconds?)$/, 1e-9],
  [/^(mins?|minutes?)$/, 60],
  [
    /^(#|samples?|sample[ _]?(#|no\.?|number|index|interval)|samples? num(ber)?|index|idx|frame|row|counter|number)$/,
    'samples',
  ],
];

export function timeUnit(text: string): TimeUnit | undefined {
  const plain = text.trim().toLowerCase();
  return timeUnits.find(([form]) => form.test(plain))?.[1];
}

/** Whether a heading is that of a time column, and its unit where it says. */
export function timeHeading(heading: string): { unit: TimeUnit | undefined } | undefined {
  const { name, units } = columnName(heading);
  const plain = name.trim().toLowerCase();
  const stated = timeUnit(units);
  if (timeUnit(plain) !== undefined) return { unit: stated ?? timeUnit(plain) };
  const named =
    /^(?:elapsed[ _]?)?(?:time ?stamp|time|t|date|date[ _]?time|clock|elapsed)(?:[ _.-]+(.+))?$/.exec(plain);
  if (!named) return undefined;
  const suffix = named[1] === undefined ? undefined : timeUnit(named[1]);
  if (named[1] !== undefined && suffix === undefined) return undefined;
  return { unit: stated ?? suffix };
}
