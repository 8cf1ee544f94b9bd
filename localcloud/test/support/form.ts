/** A part of a multipart form, headers as the client writes them. */
export interface FormPart {
  disposition: string;
  contentType?: string;
  contents: string | Uint8Array;
}

const BOUNDARY = "9c3f0a6e5c2b4d1f8e7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c";

export const FORM_TYPE: string = `multipart/form-data; boundary=${BOUNDARY}`;

/** The bytes of a form. */
export function form(parts: readonly FormPart[]): Buffer {
  const chunks = parts.flatMap(({ disposition, contentType, contents }) => [
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n`),
    Buffer.from(contentType === undefined ? "\r\n" : `Content-Type: ${contentType}\r\n\r\n`),
    Buffer.from(contents),
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...chunks, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

/** What the Terraform provider (and so Pulumi's) sends: main module first, metadata last, without filename. */
export function providerForm(code: string, metadata: object, mainModule = "worker.js"): Buffer {
  return form([
    {
      disposition: `name="${mainModule}"; filename="${mainModule}"`,
      contentType: "application/javascript+module",
      contents: code,
    },
    {
      disposition: 'name="metadata"',
      contentType: "application/json",
      contents: JSON.stringify({ main_module: mainModule, ...metadata }),
    },
  ]);
}
