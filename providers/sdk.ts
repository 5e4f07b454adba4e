import { notInstalled } from "../src/errors.ts";

/**
 * Loads a module of a cloud's SDK, which is installed only where it is wanted. `needs`: "AWS targets need the AWS SDK".
 * @throws ScanError `usage` that says what to install
 */
export async function installed<T>(
  load: () => Promise<T>,
  needs: string,
  packages: readonly string[],
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw notInstalled(error, needs, packages);
  }
}
