/** A permission group of API tokens. */
export interface Permission {
  /** As the dashboard's form for tokens takes it from an address. */
  readonly key: string;
  readonly type: "read" | "edit";
  /** As the dashboard shows it. */
  readonly label: string;
}

export const WORKERS_SCRIPTS: Permission = {
  key: "workers_scripts",
  type: "edit",
  label: "Account, Workers Scripts, Edit",
};
export const ZONE: Permission = { key: "zone", type: "read", label: "Zone, Zone, Read" };
export const WORKERS_ROUTES: Permission = {
  key: "workers_routes",
  type: "edit",
  label: "Zone, Workers Routes, Edit",
};
export const DNS_READ: Permission = { key: "dns", type: "read", label: "Zone, DNS, Read" };
