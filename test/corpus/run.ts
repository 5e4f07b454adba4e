/**
 * `npm run corpus [-- FOLDER]`: unpacks the images that nobody here made (or takes them from FOLDER, unpacked before)
 * and compares every file that their manifest lists. Prints a line an image and, last, N equal, N refused, N wrong.
 */
import { join } from "node:path";
import { scratch } from "../support/images.ts";
import { checkImage } from "./check.ts";
import { diskEntries, unpackCorpus } from "./unpack.ts";

const entries = diskEntries();
if (entries.length === 0) {
  console.error("the folder shared/corpus does not stand beside the project: nothing to compare");
  process.exit(2);
}
const [given] = process.argv.slice(2);
const folder = given ?? scratch("corpus");
if (given === undefined) unpackCorpus(folder);
const total = { equal: 0, refused: 0, wrong: 0 };
for (const entry of entries) {
  const { equal, refused, wrong } = await checkImage(entry, join(folder, entry.path));
  total.equal += equal;
  total.refused += refused.length;
  total.wrong += wrong.length;
  console.log(`${entry.path}: ${equal} equal, ${refused.length} refused, ${wrong.length} wrong`);
  for (const line of refused) console.log(`  refused  ${line}`);
  for (const line of wrong) console.log(`  WRONG    ${line}`);
}
console.log(`${total.equal} equal, ${total.refused} refused, ${total.wrong} wrong`);
process.exitCode = total.wrong > 0 ? 1 : 0;
