import { VisitorCount } from "@visitor-tracker/client/react";
import Link from "next/link";
import { notFound } from "next/navigation";
import { ENDPOINT } from "../../endpoint";
import { Readers } from "../../readers";
import { STORIES } from "../../stories";

export const dynamicParams = false;

export function generateStaticParams() {
  return STORIES.map(({ slug }) => ({ slug }));
}

export default async function Story({ params }: { params: Promise<{ slug: string }> }) {
  const { slug } = await params;
  const story = STORIES.find((one) => one.slug === slug);
  const next = STORIES.find((one) => one.slug !== slug);
  if (story === undefined || next === undefined) notFound();
  return (
    <article>
      <Readers />
      <h1>{story.title}</h1>
      <p>{story.text}</p>
      <p className="now">
        Reading this now: <VisitorCount endpoint={ENDPOINT} fallback="some" />
      </p>
      <Link href={`/stories/${next.slug}`}>Next: {next.title}</Link>
      <footer>
        Readers: <VisitorCount endpoint={ENDPOINT} fallback="some" />
        <Readers />
      </footer>
    </article>
  );
}
