/** What a Worker finds in `request.cf`: the same for every request, so that tests can count on it. */
export const REQUEST_CF: Readonly<Record<string, unknown>> = {
  asOrganization: "Local",
  asn: 64_512,
  city: "Austin",
  colo: "LOC",
  continent: "NA",
  country: "US",
  httpProtocol: "HTTP/1.1",
  latitude: "30.27130",
  longitude: "-97.74260",
  metroCode: "635",
  postalCode: "78701",
  region: "Texas",
  regionCode: "TX",
  requestPriority: "",
  timezone: "America/Chicago",
};
