// Numbers, hours and days in words.

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The day of an hour; days are counted in UTC, so that no machine's time zone matters. */
function dayOf(start, hour) {
  return new Date(Date.parse(start + "T00:00:00Z") + Math.floor(hour / 24) * 86400000);
}

/** Such as "Sun 16 Aug". */
export function dayLabel(start, hour) {
  const day = dayOf(start, hour);
  return `${DAYS[day.getUTCDay()]} ${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]}`;
}

/** Such as "14:00". */
export const timeLabel = (hour) => String(hour % 24).padStart(2, "0") + ":00";

/** Such as "Sun 16 Aug 2020, 14:00–15:00": row k of the curves is the hour that begins then. */
export function hourLabel(start, hour) {
  return `${dayLabel(start, hour)} ${dayOf(start, hour).getUTCFullYear()}, ${timeLabel(hour)}–${timeLabel(hour + 1)}`;
}

/** A number of persons, with commas. */
export const persons = (value) => Math.round(value).toLocaleString("en-GB");

/** A short number for axes, such as 10k. */
export function short(value) {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1000 ? `${value / 1000}k` : String(value);
}
