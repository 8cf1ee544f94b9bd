export const STORIES = [
  {
    slug: "lighthouse",
    title: "The last lighthouse keeper",
    text: "He counts ships. We count him.",
  },
  { slug: "night-train", title: "Twelve hours on the night train", text: "Nobody slept. Good." },
];
