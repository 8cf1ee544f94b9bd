interface Navigator {
  /** Global Privacy Control, which TypeScript's DOM does not know: https://w3c.github.io/gpc/ */
  readonly globalPrivacyControl?: boolean;
}
