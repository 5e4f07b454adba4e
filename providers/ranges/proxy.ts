// Source: Node.js documentation, "Built-in Proxy Support": since 24.5 an agent that is given these takes them.

type Settings = Readonly<Record<string, string>>;

const NAMES = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"] as const;

/** What the environment says of proxies. */
export function proxySettings(): Settings {
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = process.env[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}

/** Whether there is a proxy for such addresses; NO_PROXY may take this one out. */
export function mayBeProxied({ protocol }: URL): boolean {
  const settings = proxySettings();
  const name = protocol.slice(0, -1);
  return settings[`${name}_proxy`] !== undefined || settings[`${name.toUpperCase()}_PROXY`] !== undefined;
}
