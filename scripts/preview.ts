import { messageOf, writeFileAtomically } from "./lib/files.ts";
import { addToSummary, setStepOutput } from "./lib/github/step.ts";
import { InterruptedError, listenForInterrupts } from "./lib/interruption.ts";
import { renderJson, renderMarkdown, renderPlain, type Comment } from "./lib/preview/markdown.ts";
import { parsePreviewOptions, PREVIEW_USAGE, type Format } from "./lib/preview/options.ts";
import { EXIT_CODES } from "./lib/preview/report.ts";
import { preview } from "./lib/preview/run.ts";
import { CHECKOUT } from "./lib/project.ts";
import { createReporter } from "./lib/reporter.ts";

/** As a shell reports a command that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;

async function main(args: readonly string[]): Promise<number> {
  const options = parsePreviewOptions(args);
  if (options === "help") {
    console.log(PREVIEW_USAGE);
    return 0;
  }
  const reporter = createReporter(process.stderr);
  const interruption = listenForInterrupts();
  try {
    const comment = await preview(CHECKOUT, options, { reporter, interruption });
    const { verdict } = comment.report;
    const exitCode = EXIT_CODES[verdict];
    const text = render(options.format, comment, exitCode);
    await setStepOutput("verdict", verdict);
    await addToSummary(renderMarkdown(comment));
    if (options.out === undefined) process.stdout.write(text);
    else await writeFileAtomically(options.out, text);
    reporter.line(`preview: ${comment.report.headline} (exit code ${exitCode})`);
    return options.reportOnly && verdict !== "failed" ? 0 : exitCode;
  } catch (error) {
    if (error instanceof InterruptedError || interruption.signal.aborted) return EXIT_INTERRUPTED;
    throw error;
  } finally {
    interruption.release();
  }
}

function render(format: Format, comment: Comment, exitCode: number): string {
  if (format === "json") return renderJson(comment, exitCode);
  return format === "markdown" ? renderMarkdown(comment) : renderPlain(comment);
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  return 1;
});
