/**
 * Where the EFI system partition may be in the assembled machine, its extended boot partition included:
 * fstab says one, and without an fstab line it is at the first.
 */
export const ESP_FOLDERS: readonly string[] = ["/boot/efi", "/efi", "/boot"];
