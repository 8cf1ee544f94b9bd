import { useVisitorCount, VisitorCount } from "@visitor-tracker/client/react";
import { useState } from "react";

const ENDPOINT = "http://localhost:8788";

export function Article() {
  const [isCounting, setIsCounting] = useState(true);
  return (
    <>
      <header>
        <Readers enabled={isCounting} />
        <button type="button" onClick={() => setIsCounting(!isCounting)}>
          {isCounting ? "Stop counting" : "Count me"}
        </button>
      </header>
      <h1>How to sharpen a knife</h1>
      <p>
        <VisitorCount endpoint={ENDPOINT} enabled={isCounting} fallback="Some" /> readers have a
        blunt knife right now.
      </p>
      <p>Wet the stone. Hold the blade at twenty degrees, and draw it towards you, heel to tip.</p>
      <p>Ten strokes a side, lighter each time. A tomato is the judge.</p>
      <footer>
        <VisitorCount
          className="badge"
          endpoint={ENDPOINT}
          enabled={isCounting}
          fallback="reading now"
        >
          {({ count }) => `${count} reading now`}
        </VisitorCount>
      </footer>
    </>
  );
}

/** Blank while there is nothing true to say. */
function Readers({ enabled }: { enabled: boolean }) {
  const { count, status } = useVisitorCount({ endpoint: ENDPOINT, enabled });
  let text = "";
  if (count === 2) text = "1 other reads this with you";
  else if (count !== undefined && count > 2) text = `${count - 1} others read this with you`;
  return <span data-status={status}>{text}</span>;
}
