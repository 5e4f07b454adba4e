import type { RegistrySnapshot } from "../../model/registry.ts";
import { KEYS } from "./keys.ts";
import { valueIn } from "./read.ts";

/** A file that runs, or is read, at the first boot of an instance and can change IPv6. */
interface FirstBootFile {
  readonly path: string;
  readonly what: string;
}

/**
 * Answer files in the order in which Windows Setup looks for them; before all of them comes the one that
 * `HKLM\SYSTEM\Setup\UnattendFile` names. Source: Microsoft, "Windows Setup Automation Overview", implicit answer file
 * search order.
 */
const ANSWER_FILES: readonly FirstBootFile[] = [
  "/Windows/Panther/Unattend/unattend.xml",
  "/Windows/Panther/Unattend/autounattend.xml",
  "/Windows/Panther/unattend.xml",
  "/Windows/Panther/autounattend.xml",
  "/Windows/System32/Sysprep/unattend.xml",
  "/unattend.xml",
  "/autounattend.xml",
].map((path) => ({ path, what: "an answer file of Windows Setup" }));

const AMAZON = "/ProgramData/Amazon";
const CONFIG = "/Program Files/Amazon/Ec2ConfigService";
const GOOGLE = "/Program Files/Google/Compute Engine";
const CLOUDBASE = "/Program Files/Cloudbase Solutions/Cloudbase-Init/conf";
const POLICY = "/Windows/System32/GroupPolicy/Machine";

export const CLOUDBASE_FILES: readonly FirstBootFile[] = [
  { path: `${CLOUDBASE}/cloudbase-init.conf`, what: "the configuration of cloudbase-init" },
  {
    path: `${CLOUDBASE}/cloudbase-init-unattend.conf`,
    what: "the configuration of cloudbase-init in Windows Setup",
  },
];

/** Sources: the documentation of Windows Setup, EC2Launch, EC2Config, Azure's images, compute-image-windows, cloudbase-init. */
export const FIRST_BOOT: readonly FirstBootFile[] = [
  ...ANSWER_FILES,
  { path: "/Windows/Setup/Scripts/SetupComplete.cmd", what: "the script that Windows Setup runs at its end" },
  {
    path: "/Windows/Setup/Scripts/ErrorHandler.cmd",
    what: "the script that Windows Setup runs when it fails",
  },
  { path: "/Windows/OEM/SetupComplete.cmd", what: "the script that Azure's provisioning runs" },
  { path: "/Windows/OEM/SetupComplete2.cmd", what: "the script that Azure's provisioning runs" },
  { path: `${AMAZON}/EC2Launch/config/agent-config.yml`, what: "the configuration of EC2Launch v2" },
  { path: `${AMAZON}/EC2Launch/sysprep/unattend.xml`, what: "the answer file that EC2Launch v2 seals with" },
  {
    path: `${AMAZON}/EC2-Windows/Launch/Config/LaunchConfig.json`,
    what: "the configuration of EC2Launch v1",
  },
  {
    path: `${AMAZON}/EC2-Windows/Launch/Sysprep/unattend.xml`,
    what: "the answer file that EC2Launch v1 seals with",
  },
  { path: `${CONFIG}/Settings/config.xml`, what: "the configuration of EC2Config" },
  { path: `${CONFIG}/sysprep2008.xml`, what: "the answer file that EC2Config seals with" },
  { path: `${GOOGLE}/instance_configs.cfg`, what: "the configuration of Google's guest agent" },
  { path: `${GOOGLE}/sysprep/unattended.xml`, what: "the answer file that GCESysprep seals with" },
  { path: `${GOOGLE}/sysprep/instance_setup.ps1`, what: "Google's script for the first boot" },
  ...CLOUDBASE_FILES,
  { path: `${POLICY}/Registry.pol`, what: "the registry settings of the local group policy" },
  { path: `${POLICY}/Scripts/scripts.ini`, what: "the list of start-up scripts of the local group policy" },
  {
    path: `${POLICY}/Scripts/psscripts.ini`,
    what: "the list of PowerShell start-up scripts of the local group policy",
  },
];

const DSC = "/Windows/System32/Configuration";
const VMWARE = "VMware/VMware Tools";

/**
 * More of them, looked at only where IPv6 would be off. Sources: Microsoft, "Configure a virtual machine at initial boot by
 * using DSC"; open-vm-tools, vmware/tools/powerops (the script at power-on, and `poweron-script`).
 */
export const OFF_FILES: readonly FirstBootFile[] = [
  { path: `${DSC}/Pending.mof`, what: "what Desired State Configuration is to make of Windows" },
  { path: `${DSC}/Current.mof`, what: "what Desired State Configuration keeps Windows to" },
  {
    path: `/Program Files/${VMWARE}/poweron-vm-default.bat`,
    what: "the script that VMware Tools runs at a start",
  },
  { path: `/ProgramData/${VMWARE}/tools.conf`, what: "the configuration of VMware Tools" },
];

/** Of a state of Desired State Configuration whether it can be read: Windows keeps it encrypted. */
export function isSealed(path: string, text: string): boolean {
  return path.startsWith(`${DSC}/`) && !/\binstance\s+of\b/i.test(text);
}

export const TASK = "a scheduled task";

/** A folder whose files all run. */
export interface RunFolder extends FirstBootFile {
  /** Those of the folders in it run, too, but for the one of this name. */
  readonly deep?: boolean;
  readonly without?: string;
}

/** Folders whose files all run, and what is left of a hibernated system: looked at only where IPv6 would be off. */
export const FOLDERS: readonly RunFolder[] = [
  // Windows' own tasks lie in a folder of it; whoever adds some makes folders of their own.
  { path: "/Windows/System32/Tasks", what: TASK, deep: true, without: "Microsoft" },
  { path: "/ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp", what: "a file that a logon starts" },
  {
    path: "/Program Files/Cloudbase Solutions/Cloudbase-Init/LocalScripts",
    what: "a script that cloudbase-init runs",
  },
  // virt-customize(1) and virt-v2v(1), --firstboot.
  { path: "/Program Files/Guestfs/Firstboot/scripts", what: "a script that virt-customize left to be run" },
];
/** A folder of each user, whose files that user's logon starts. */
export const USERS = "/Users";
export const USER_STARTUP = "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup";
export const HIBERNATION = "/hiberfil.sys";

/** Whether it lists the scripts of group policy, which lie in folders beside. */
export function isScriptList(path: string): boolean {
  return /\/(?:ps)?scripts\.ini$/i.test(path);
}

/** The answer file that the registry names, where it lies on this volume. */
export function namedAnswerFile(
  registry: RegistrySnapshot,
): readonly { readonly path: string; readonly what: string }[] {
  const path = fileOfAnswerPointer(registry)?.path;
  return path === undefined ? [] : [{ path, what: "the answer file that the registry names" }];
}

/** The answer file that the registry names; `path` is undefined when it lies on no drive that can be told. */
export function fileOfAnswerPointer(
  registry: RegistrySnapshot,
): { readonly named: string; readonly path: string | undefined } | undefined {
  const seen = valueIn(registry, KEYS.setup, "UnattendFile");
  if (seen.state !== "found" || seen.value.data.kind !== "text" || seen.value.data.value === "")
    return undefined;
  const named = seen.value.data.value;
  const [, rest] = /^(?:C:|%SystemDrive%|\\\?\?\\C:)(\\.*)$/i.exec(named) ?? [];
  const [, below] = /^(?:%SystemRoot%|%WinDir%)(\\.*)$/i.exec(named) ?? [];
  const path = rest ?? (below === undefined ? undefined : `\\Windows${below}`);
  return { named, path: path?.replaceAll("\\", "/") };
}
