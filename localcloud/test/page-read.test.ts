import { expect, test, vi } from "vitest";
import { readPage } from "../src/http/page-files.ts";
import { answerPage } from "../src/http/page.ts";

vi.mock("../src/http/page-files.ts", () => ({ readPage: vi.fn<typeof readPage>() }));

test("a page that could not be read is read again when it is asked for again, and then no more", async () => {
  vi.mocked(readPage).mockRejectedValueOnce(new Error("a mistake in main.ts"));
  vi.mocked(readPage).mockResolvedValue({ "/": "the page" });
  await expect(answerPage("GET", "/")).rejects.toThrow("a mistake in main.ts");
  for (let time = 0; time < 2; time++) {
    expect((await answerPage("GET", "/"))?.bytes.toString()).toBe("the page");
  }
  expect(readPage).toHaveBeenCalledTimes(2);
});
