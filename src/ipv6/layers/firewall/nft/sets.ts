import { NotUnderstood } from "./lexer.ts";
import { type Element, type Reader, readElements } from "./values.ts";

const SET_TYPES =
  /^(ipv4_addr|ipv6_addr|ether_addr|inet_proto|inet_service|mark|ifname|iface_index|icmpv6_type|icmp_type|ct_state|verdict|counter|quota|limit|string|integer)$/;
/** Where a set's type ends. */
const SET_KEYS = new Set([
  "}",
  "flags",
  "timeout",
  "size",
  "gc-interval",
  "policy",
  "comment",
  "counter",
  "auto-merge",
  "elements",
]);

/** A set or map as a table declares it, its opening brace taken already; adds its elements to `found`. */
export function readSetBody(words: Reader, found: Element[]): void {
  let isTyped = false;
  while (!words.accept("}")) {
    const key = words.next();
    switch (key.text) {
      case "type":
      case "typeof":
        isTyped = true;
        do {
          const type = words.next();
          if (key.text === "type" && !SET_TYPES.test(type.text))
            throw new NotUnderstood(`a set of ${type.text}`, type);
          while (key.text === "typeof" && !SET_KEYS.has(words.peek()?.text ?? "}")) words.next();
        } while (words.accept(".") || words.accept(":"));
        break;
      case "flags":
        do {
          const flag = words.next();
          if (!/^(constant|interval|dynamic|timeout)$/.test(flag.text))
            throw new NotUnderstood(`a set with the flag ${flag.text}`, flag);
        } while (words.accept(","));
        break;
      case "timeout":
      case "size":
      case "gc-interval":
      case "policy":
      case "comment":
        words.next();
        break;
      case "counter":
      case "auto-merge":
        break;
      case "elements":
        if (!words.accept("=") || !words.accept("{")) throw new NotUnderstood("elements without a list", key);
        for (const one of readElements(words)) found.push(one);
        break;
      default:
        throw new NotUnderstood(`${key.text} in a set`, key);
    }
  }
  const rest = words.peek();
  if (rest) throw new NotUnderstood(`${rest.text} behind a set`, rest);
  if (!isTyped && found.length > 0)
    throw new NotUnderstood("a set without a type: nft refuses the file", {
      line: { number: 0, text: "" },
      locator: "",
    });
}
