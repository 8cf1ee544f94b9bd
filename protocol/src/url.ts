/** `URL.parse`, which Node has from version 22 on: Pulumi programs of others run on Node 20, too. */
export function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
