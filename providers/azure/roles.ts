/** What a role has to allow. Source: "Azure permissions for Compute", Microsoft Learn. */
export interface Role {
  readonly name: string;
  readonly description: string;
  readonly actions: readonly string[];
}

const COMPUTE = "Microsoft.Compute";

export const ENUMERATE: Role = {
  name: "sixray enumerate",
  description: "List images of the marketplace, of galleries and of one's own. Reads only.",
  actions: [
    "Microsoft.Resources/subscriptions/read",
    `${COMPUTE}/locations/publishers/read`,
    `${COMPUTE}/locations/publishers/artifacttypes/offers/read`,
    `${COMPUTE}/locations/publishers/artifacttypes/offers/skus/read`,
    `${COMPUTE}/locations/publishers/artifacttypes/offers/skus/versions/read`,
    `${COMPUTE}/images/read`,
    `${COMPUTE}/disks/read`,
    `${COMPUTE}/snapshots/read`,
    `${COMPUTE}/galleries/read`,
    `${COMPUTE}/galleries/images/read`,
    `${COMPUTE}/galleries/images/versions/read`,
    `${COMPUTE}/locations/communityGalleries/images/read`,
    `${COMPUTE}/locations/communityGalleries/images/versions/read`,
    `${COMPUTE}/locations/sharedGalleries/images/read`,
    `${COMPUTE}/locations/sharedGalleries/images/versions/read`,
  ],
};

/** Assigned on the resource group for temporary disks, and where disks of one's own are that are to be read. */
export const EXTRACT: Role = {
  name: "sixray extract",
  description: "Make, export and delete temporary disks; export disks and snapshots.",
  actions: [
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    `${COMPUTE}/disks/read`,
    `${COMPUTE}/disks/write`,
    `${COMPUTE}/disks/delete`,
    `${COMPUTE}/disks/beginGetAccess/action`,
    `${COMPUTE}/disks/endGetAccess/action`,
    `${COMPUTE}/snapshots/read`,
    `${COMPUTE}/snapshots/beginGetAccess/action`,
    `${COMPUTE}/snapshots/endGetAccess/action`,
  ],
};

/** A custom role as `az role definition create --role-definition` takes it. */
export function roleText({ name, description }: Role, scope: string, actions: readonly string[]): string {
  const role = {
    Name: name,
    IsCustom: true,
    Description: description,
    Actions: actions,
    AssignableScopes: [scope],
  };
  return JSON.stringify(role, undefined, 2);
}

export interface Permission {
  readonly actions?: readonly string[] | undefined;
  readonly notActions?: readonly string[] | undefined;
}

/** Whether one of them allows it: wildcards stand for anything, slashes too, and what is excluded is out. */
export function grants(permissions: readonly Permission[], action: string): boolean {
  const fits = (patterns: readonly string[] = []): boolean =>
    patterns.some((pattern) => {
      const shape = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
      return new RegExp(`^${shape.join(".*")}$`, "i").test(action);
    });
  return permissions.some(({ actions, notActions }) => fits(actions) && !fits(notActions));
}
