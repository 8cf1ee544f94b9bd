import { execFile } from "node:child_process";

/**
 * What a compiler says of a project: nothing where all is well.
 * @param tsc its script
 * @param project folder of the tsconfig.json, or such a file
 */
export function compile(tsc: string, project: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, "--project", project], (error, stdout, stderr) => {
      resolve(error === null ? "" : `${stdout}${stderr}` || error.message);
    });
  });
}
