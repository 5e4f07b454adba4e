import type { BootFacts } from "../../model/boot.ts";
import type { Observations } from "../../model/observations.ts";
import type { Asks, Want } from "../../model/snapshot.ts";
import { ESP_FOLDERS } from "./esp.ts";
import { extlinux } from "./extlinux.ts";
import { toFacts } from "./facts.ts";
import { BootFiles } from "./files.ts";
import { lookGrubLegacy } from "./grub-legacy.ts";
import { alsoOnEsp, lookGrub, lookGrubOnEsp } from "./grub2/look.ts";
import { type LoaderAnswer, NOTHING } from "./loader.ts";
import { raspberry } from "./raspberry.ts";
import { lookRemovableUki, lookSystemdBoot } from "./systemd-boot.ts";
import { uBoot } from "./u-boot.ts";
import { zipl } from "./zipl.ts";

const GRUB_PATHS = ["/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"];
const LOOKED =
  "GRUB, systemd-boot, unified kernel images, extlinux, GRUB legacy, the Raspberry Pi's cmdline.txt, U-Boot's scripts and zipl in /boot and on the EFI system partition";

/**
 * Which kernel boots by default, and its command line. The usual places are asked for at once; the EFI
 * system partition and the rarer loaders only when those give nothing, since every look costs a read.
 */
export const bootEntry: Asks & { read(observations: Observations): BootFacts } = {
  wants: [
    ...GRUB_PATHS,
    "/boot/grub/grubenv",
    "/boot/grub2/grubenv",
    "/boot/loader/entries/*.conf",
    "/boot/loader/loader.conf",
  ].map((path) => ({ path })),
  follow: (observations) => looked(observations).wants,
  read: (observations) => looked(observations).facts,
};

interface Looked {
  readonly facts: BootFacts;
  readonly wants: readonly Want[];
}

/** Whoever asks of the same observations gets the same answer: GRUB's scripts are run once for all of them. */
const known = new WeakMap<Observations, Looked>();

function looked(observations: Observations): Looked {
  const before = known.get(observations);
  if (before) return before;
  const files = new BootFiles(observations);
  const facts = toFacts(decide(files), files, LOOKED);
  const now = { facts, wants: files.wants };
  known.set(observations, now);
  return now;
}

function decide(files: BootFiles): LoaderAnswer {
  const usual = agree([
    ...lookGrub(GRUB_PATHS, files),
    ...(files.text("/boot/loader/loader.conf").state === "absent"
      ? []
      : // Where /boot is no ESP, what lies there comes beside what the ESP has.
        [agree([["/boot"], ESP_FOLDERS].map((folders) => lookSystemdBoot(files, folders, true)))]),
  ]);
  if (usual.state !== "none") return alsoOnEsp(usual, files);
  const rare = agree([
    ...lookGrubOnEsp(files),
    lookSystemdBoot(files, ESP_FOLDERS, true),
    extlinux.look(files),
    ...lookGrubLegacy(files),
    raspberry.look(files),
    uBoot.look(files),
    zipl.look(files),
  ]);
  if (rare.state !== "none") return rare;
  const entries = lookSystemdBoot(files, ESP_FOLDERS, false);
  if (entries.state !== "none") return entries;
  const image = lookRemovableUki(files);
  return image.state === "none" ? (usual.reason === undefined ? rare : usual) : image;
}

/** Several loaders that would start the same are one; else nobody can tell which the firmware takes. */
function agree(answers: readonly LoaderAnswer[]): LoaderAnswer {
  const present = answers.filter((answer) => answer.state !== "none");
  const [first, ...rest] = present;
  if (first === undefined)
    return answers.find((answer) => answer.state === "none" && answer.reason !== undefined) ?? NOTHING;
  const same = rest.every(
    (one) =>
      one.state === "boots" &&
      first.state === "boots" &&
      one.start.cmdline === first.start.cmdline &&
      one.start.kernelPath === first.start.kernelPath,
  );
  if (same) return first;
  const unknown = present.find((answer) => answer.state === "unknown");
  const loaders = [...new Set(present.map(({ loader }) => loader))].join(" and ");
  return {
    state: "unknown",
    loader: first.loader,
    reason: unknown?.reason ?? `${present.length} configurations (${loaders}) would start different things`,
    candidates: present.flatMap((one) => (one.state === "boots" ? [one.start] : one.candidates)),
    mayBe: present.flatMap((one) => (one.state === "unknown" ? (one.mayBe ?? []) : [])),
  };
}
