import { METER_KEYS, type Meter, emptyMeter } from "../../workers/counters.ts";
import { isRecord } from "./is-record.ts";

/** The path at which every subject answers with its meter. */
const METER_PATH = "/__meter";

/** @throws Error when the server does not answer with a meter */
export async function readMeter(port: number): Promise<Meter> {
  const response = await fetch(`http://127.0.0.1:${port}${METER_PATH}`, {
    headers: { Connection: "close" },
  });
  const body: unknown = await response.json();
  const meter = emptyMeter();
  for (const key of METER_KEYS) {
    const value = isRecord(body) ? body[key] : undefined;
    if (typeof value !== "number")
      throw new Error(`the meter has no ${key}: ${JSON.stringify(body)}`);
    meter[key] = value;
  }
  return meter;
}

/** Both together; `sign` -1 for the difference. */
export function addMeters(a: Meter, b: Meter, sign: 1 | -1 = 1): Meter {
  const sum = emptyMeter();
  for (const key of METER_KEYS) sum[key] = a[key] + sign * b[key];
  return sum;
}
