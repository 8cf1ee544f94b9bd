export default function About() {
  return <p>Two stories a year. Nobody is counted on this page: it shows no count.</p>;
}
