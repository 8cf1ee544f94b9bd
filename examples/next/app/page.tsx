import { VisitorCount } from "@visitor-tracker/client/react";
import Link from "next/link";
import { ENDPOINT } from "./endpoint";
import { STORIES } from "./stories";

export default function Home() {
  return (
    <>
      <p className="now">
        On this page now: <VisitorCount endpoint={ENDPOINT} fallback="some" />
      </p>
      <ul>
        {STORIES.map(({ slug, title }) => (
          <li key={slug}>
            <Link href={`/stories/${slug}`}>{title}</Link>
          </li>
        ))}
      </ul>
    </>
  );
}
