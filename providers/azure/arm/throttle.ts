/**
 * The least that is left of any kind of call, from `Microsoft.Compute/GetDisk3Min;14999,Microsoft.Compute/…;74999`.
 * Source: "Understanding the Compute API throttling", Microsoft Learn.
 */
export function lowestRemaining(header: string | undefined): number {
  const left = (header ?? "").split(",").flatMap((bucket) => {
    const [, count] = /;(\d{1,15})$/.exec(bucket.trim()) ?? [];
    return count === undefined ? [] : [Number(count)];
  });
  return Math.min(Number.POSITIVE_INFINITY, ...left);
}
