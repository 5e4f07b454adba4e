/** What boots cannot be told from the files. The message is a clause: "grub.cfg line 3: ...". */
export class Undecidable extends Error {
  override readonly name = "Undecidable";
}
