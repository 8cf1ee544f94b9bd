/** Says for a minute, in UTC, whether a cron trigger runs at it. */
type CronMatcher = (time: Date) => boolean;

type ParsedCron = { ok: true; matches: CronMatcher } | { ok: false; reason: string };

interface Field {
  name: string;
  min: number;
  max: number;
  names: readonly string[];
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const MINUTE: Field = { name: "minute", min: 0, max: 59, names: [] };
const HOUR: Field = { name: "hour", min: 0, max: 23, names: [] };
const DAY: Field = { name: "day of the month", min: 1, max: 31, names: [] };
const MONTH: Field = { name: "month", min: 1, max: 12, names: MONTHS };
/** From Sunday, 1, to Saturday, 7: not from 0 as elsewhere. */
const WEEKDAY: Field = { name: "day of the week", min: 1, max: 7, names: WEEKDAYS };

/**
 * Reads an expression of Cloudflare's dialect: five fields, weekdays from 1, `L`, `W` and `#`.
 * @see https://developers.cloudflare.com/workers/configuration/cron-triggers/#supported-cron-expressions
 */
export function parseCron(text: string): ParsedCron {
  const fields = text.trim().split(/\s+/);
  const [minute, hour, day, month, weekday] = fields;
  if (fields.length !== 5 || !minute || !hour || !day || !month || !weekday) {
    return { ok: false, reason: `has ${fields.length} fields; it needs 5.` };
  }
  try {
    const minutes = numberMatcher(minute, MINUTE);
    const hours = numberMatcher(hour, HOUR);
    const months = numberMatcher(month, MONTH);
    const days = dayMatcher(day, weekday);
    const matches: CronMatcher = (time) =>
      minutes(time.getUTCMinutes()) &&
      hours(time.getUTCHours()) &&
      months(time.getUTCMonth() + 1) &&
      days(time);
    return { ok: true, matches };
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    return { ok: false, reason: error.message };
  }
}

class CronError extends Error {}

/** Either day is enough when both are given, as in every cron. */
function dayMatcher(day: string, weekday: string): CronMatcher {
  const days = anyOf(day, dayOfMonth);
  const weekdays = anyOf(weekday, dayOfWeek);
  if (day === "*") return weekdays;
  if (weekday === "*") return days;
  return (time) => days(time) || weekdays(time);
}

function anyOf(list: string, read: (part: string) => CronMatcher): CronMatcher {
  const matchers = list.split(",").map(read);
  return (time) => matchers.some((matches) => matches(time));
}

function dayOfMonth(part: string): CronMatcher {
  const text = part.toUpperCase();
  if (text === "LW") return (time) => time.getUTCDate() === nearestWeekday(time, lastDay(time));
  const [, before] = /^L(?:-(\d+))?$/.exec(text) ?? [];
  if (text.startsWith("L")) {
    if (text !== "L" && before === undefined) throw mistake(part, DAY);
    const offset = Number(before ?? 0);
    if (offset > 30) throw mistake(part, DAY);
    return (time) => time.getUTCDate() === lastDay(time) - offset;
  }
  const [, nearest] = /^(\d+)W$/.exec(text) ?? [];
  if (nearest !== undefined) {
    const wanted = numberOf(nearest, DAY);
    return (time) => wanted <= lastDay(time) && time.getUTCDate() === nearestWeekday(time, wanted);
  }
  const matches = numberMatcher(text, DAY);
  return (time) => matches(time.getUTCDate());
}

function dayOfWeek(part: string): CronMatcher {
  const text = part.toUpperCase();
  if (text === "L") return (time) => weekdayOf(time) === WEEKDAY.max;
  const [, last] = /^(\w+)L$/.exec(text) ?? [];
  if (last !== undefined) {
    const wanted = numberOf(last, WEEKDAY);
    return (time) => weekdayOf(time) === wanted && time.getUTCDate() > lastDay(time) - 7;
  }
  const [, which, nth] = /^(\w+)#([1-5])$/.exec(text) ?? [];
  if (which !== undefined) {
    const wanted = numberOf(which, WEEKDAY);
    return (time) => weekdayOf(time) === wanted && Math.ceil(time.getUTCDate() / 7) === Number(nth);
  }
  const matches = numberMatcher(text, WEEKDAY);
  return (time) => matches(weekdayOf(time));
}

function weekdayOf(time: Date): number {
  return time.getUTCDay() + 1;
}

function lastDay(time: Date): number {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 1, 0)).getUTCDate();
}

/** Monday to Friday, and never of another month. */
function nearestWeekday(time: Date, day: number): number {
  const date = new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), day));
  if (date.getUTCDay() === 6) return day === 1 ? 3 : day - 1;
  if (date.getUTCDay() === 0) return day === lastDay(time) ? day - 2 : day + 1;
  return day;
}

/** Lists, ranges and steps. */
function numberMatcher(list: string, field: Field): (value: number) => boolean {
  const ranges = list.split(",").map((part) => {
    const [, range = "", step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    const [from = "", to, ...rest] = range.split("-");
    const every = step === undefined ? 1 : Number(step);
    if (rest.length > 0 || every < 1 || every > field.max) throw mistake(part, field);
    if (range === "*") return { from: field.min, to: field.max, every };
    const start = numberOf(from, field);
    const end = to === undefined ? (step === undefined ? start : field.max) : numberOf(to, field);
    if (end < start) throw mistake(part, field);
    return { from: start, to: end, every };
  });
  return (value) =>
    ranges.some(
      ({ from, to, every }) => value >= from && value <= to && (value - from) % every === 0,
    );
}

function numberOf(text: string, field: Field): number {
  const named = field.names.indexOf(text.toUpperCase());
  if (named >= 0) return named + field.min;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= field.min && value <= field.max) return value;
  throw mistake(text, field);
}

function mistake(text: string, { name, min, max }: Field): CronError {
  return new CronError(`has '${text}' for the ${name}, which is from ${min} to ${max}.`);
}
