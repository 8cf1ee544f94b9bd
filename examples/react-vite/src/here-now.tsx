import { useVisitorCount, VisitorCount } from "@visitor-tracker/client/react";

const ENDPOINT = "http://localhost:8788";

/** The same number in four ways. They share one connection. */
export function HereNow() {
  return (
    <section aria-label="Visitors">
      <p className="number">
        <VisitorCount endpoint={ENDPOINT} fallback="–" />
        <span> here now</span>
      </p>
      <Sentence />
      <p>
        <VisitorCount endpoint={ENDPOINT} fallback="You are looking at this.">
          {({ count }) => (count > 1 ? `${count - 1} more like this.` : "You have it to yourself.")}
        </VisitorCount>
      </p>
      <Connection />
    </section>
  );
}

const PLURAL = new Intl.PluralRules("en");

function Sentence() {
  const { count } = useVisitorCount({ endpoint: ENDPOINT });
  if (count === undefined) return <p>People are looking at this page.</p>;
  const people = PLURAL.select(count) === "one" ? "person is" : "people are";
  return (
    <p id="sentence">
      {count} {people} looking at this page.
    </p>
  );
}

function Connection() {
  const { status } = useVisitorCount({ endpoint: ENDPOINT });
  return (
    <small className="connection" data-status={status}>
      {status}
    </small>
  );
}
