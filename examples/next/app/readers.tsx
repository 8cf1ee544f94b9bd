"use client";
import { useVisitorCount } from "@visitor-tracker/client/react";
import { ENDPOINT } from "./endpoint";

/** Tells readers of each other. A function cannot cross from a server component, so this is here. */
export function Readers() {
  const { count, status } = useVisitorCount({ endpoint: ENDPOINT });
  let text = "Who reads with you?";
  if (count === 1) text = "Only you read this.";
  else if (count !== undefined) text = `You and ${count - 1} more read this.`;
  return (
    <p className="readers" data-status={status}>
      {text}
    </p>
  );
}
