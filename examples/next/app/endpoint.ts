/** The address of the deployed counter. */
export const ENDPOINT = "http://localhost:8788";
