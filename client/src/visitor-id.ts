const STORAGE_KEY = "visitor-tracker-id";

/** For this page load only, where nothing may be stored. */
let memoryId: string | undefined;

/** Whether the browser says that its user does not want to be tracked (GPC, DNT). */
export function isOptedOut(): boolean {
  // oxlint-disable-next-line typescript/prefer-nullish-coalescing -- GPC switched off leaves DNT to say
  return navigator.globalPrivacyControl || navigator.doNotTrack === "1";
}

/**
 * The visitor's random id, kept in localStorage under `visitor-tracker-id`. Under Global Privacy
 * Control or Do Not Track, and where storage is blocked, it lives in memory until the page is left
 * and nothing is stored. A UUID; on an insecure origin about 16 digits. Browsers only.
 */
export function getVisitorId(): string {
  // oxlint-disable typescript/prefer-nullish-coalescing -- an empty id is none
  try {
    if (!isOptedOut()) return (localStorage[STORAGE_KEY] ||= randomId());
  } catch {
    // Sandboxed frames and blocked cookies throw on reading, a full quota on writing.
  }
  return (memoryId ||= randomId());
}

/** Insecure origins have no `crypto.randomUUID`. */
function randomId(): string {
  return crypto.randomUUID?.() ?? `${Math.random()}`.slice(2);
}
