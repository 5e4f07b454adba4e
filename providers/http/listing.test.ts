import { describe, expect, test } from "vitest";
import type { ImageRef } from "../../src/model/image.ts";
import { rangeServer } from "../../test/support/range-server.ts";
import { http } from "./index.ts";
import { aboutName, isImageName } from "./names.ts";

const HEX = "ab".repeat(32);

async function list(url: string): Promise<readonly ImageRef[]> {
  return Array.fromAsync(http.list(url, {}));
}

describe("lists of checksums", () => {
  test("GNU and BSD lines; only disk images, only of the same place", async () => {
    const { origin } = await rangeServer({
      "/img/SHA256SUMS": `-----BEGIN PGP SIGNED MESSAGE-----

${HEX}  debian-13-genericcloud-amd64-20261110-2280.qcow2
${HEX} *debian-13-genericcloud-arm64-20261012-2250.qcow2
${HEX} *./sub/focal-server-cloudimg-amd64-root.tar.xz
${HEX}  SOMETHING.txt
${HEX}  ../../outside.img
${HEX}  /etc/absolute.img
${HEX}  https://elsewhere.example/x.img
deadbeef  short.img
SHA256 (Fedora-Cloud-Base-AmazonEC2-41-1.4.x86_64.raw.xz) = ${HEX.toUpperCase()}
SHA512 (openSUSE-MicroOS.x86_64.qcow2) = ${HEX}${HEX}
`,
    });
    const found = await list(`${origin}/img/SHA256SUMS`);
    expect(
      found.map(({ id, date, arch, digest }) => [id.slice(origin.length), date, arch, digest?.length]),
    ).toEqual([
      ["/img/debian-13-genericcloud-amd64-20261110-2280.qcow2", "2026-11-10", "amd64", 71],
      ["/img/debian-13-genericcloud-arm64-20261012-2250.qcow2", "2026-10-12", "arm64", 71],
      ["/img/Fedora-Cloud-Base-AmazonEC2-41-1.4.x86_64.raw.xz", undefined, "amd64", 71],
      ["/img/sub/focal-server-cloudimg-amd64-root.tar.xz", undefined, "amd64", 71],
      ["/img/openSUSE-MicroOS.x86_64.qcow2", undefined, "amd64", 135],
    ]);
    expect(found[0]?.family).toBe("debian-13-genericcloud-amd64");
    expect(found[0]?.digest).toBe(`sha256:${HEX}`);
  });

  test("of a folder, whichever it has", async () => {
    const { origin, log } = await rangeServer({ "/f/SHA512SUMS": `${HEX}${HEX}  a.qcow2\n` });
    expect((await list(`${origin}/f/`)).map(({ name }) => name)).toEqual(["a.qcow2"]);
    expect(log).toEqual(["GET /f/SHA256SUMS", "GET /f/SHA512SUMS"]);
    await expect(list(`${origin}/none/`)).rejects.toMatchObject({ code: "access" });
  });

  test("that name no images are an error", async () => {
    const { origin } = await rangeServer({ "/SHA256SUMS": "<html>not found</html>" });
    await expect(list(`${origin}/SHA256SUMS`)).rejects.toMatchObject({
      message: expect.stringMatching(/no disk images/),
    });
  });
});

test("simplestreams: index, products, versions, items", async () => {
  const item = (path: string, more: object = {}): object => ({
    ftype: "disk1.img",
    path,
    size: 1000,
    sha256: HEX,
    ...more,
  });
  const products = {
    products: {
      "com.ubuntu.cloud:server:24.04:amd64": {
        arch: "amd64",
        versions: {
          "20260101": { items: { a: item("server/noble/20260101/noble-amd64.img"), m: item("x.manifest") } },
          "20261110.1": {
            items: {
              a: item("server/noble/20261110.1/noble-amd64.img"),
              out: item("https://elsewhere.example/x.img"),
            },
          },
        },
      },
    },
  };
  const index = {
    index: {
      "com.ubuntu.cloud:released:download": { datatype: "image-downloads", path: "streams/v1/products.json" },
      "com.ubuntu.cloud:released:aws": { datatype: "image-ids", path: "streams/v1/aws.json" },
    },
  };
  const { origin, log } = await rangeServer({
    "/releases/streams/v1/index.json": JSON.stringify(index),
    "/releases/streams/v1/products.json": JSON.stringify(products),
  });
  const found = await list(`${origin}/releases/streams/v1/index.json`);
  expect(found).toEqual(
    ["20261110.1", "20260101"].map((version) => ({
      provider: "http",
      id: `${origin}/releases/server/noble/${version}/noble-amd64.img`,
      name: "noble-amd64.img",
      family: "com.ubuntu.cloud:server:24.04:amd64",
      date: `${version.slice(0, 4)}-${version.slice(4, 6)}-${version.slice(6, 8)}`,
      arch: "amd64",
      sizeBytes: 1000,
      digest: `sha256:${HEX}`,
    })),
  );
  expect(log).toHaveLength(2);
  expect(await list(`${origin}/releases/streams/v1/products.json`)).toEqual(found);
});

test("a hostile listing names nothing elsewhere and breaks nothing", async () => {
  const { origin, files } = await rangeServer({});
  for (const [text, message] of [
    ["{", /no JSON/],
    ["[]", /no disk images/],
    ['{"index":{"a":{"path":"https://elsewhere.example/p.json"}}}', /another server/],
    [
      '{"products":{"a":{"versions":{"1":{"items":{"x":{"path":"//elsewhere.example/x.img"}}}}}}}',
      /no disk images/,
    ],
    ['{"products":{"a":null,"b":{"versions":[1,{"items":"x"}]}}}', /no disk images/],
    [
      JSON.stringify({
        index: Object.fromEntries(Array.from({ length: 99 }, (_, i) => [i, { path: `${i}` }])),
      }),
      /99 files/,
    ],
  ] as const) {
    files.set("/streams/v1/index.json", Uint8Array.from(Buffer.from(text)));
    await expect(list(`${origin}/streams/v1/index.json`)).rejects.toMatchObject({
      message: expect.stringMatching(message),
    });
  }
});

test.each([
  [
    "Rocky-9-GenericCloud-Base-9.4-20240509.0.x86_64.qcow2",
    "Rocky-9-GenericCloud-Base-9.4.x86_64",
    "2024-05-09",
    "amd64",
  ],
  [
    "al2023-kvm-2023.6.20241031.0-kernel-6.1-arm64.xfs.gpt.qcow2",
    "al2023-kvm-2023.6-kernel-6.1-arm64.xfs.gpt",
    "2024-10-31",
    "arm64",
  ],
  ["jammy-server-cloudimg-amd64.img", "jammy-server-cloudimg-amd64", undefined, "amd64"],
  ["x-12345678.raw", "x-12345678", undefined, undefined],
])("the name %s", (name, family, date, arch) => {
  expect(isImageName(name)).toBe(true);
  expect(aboutName(name)).toEqual({ name, family, ...(date ? { date } : {}), ...(arch ? { arch } : {}) });
});

test("listings beyond the bounds are told, not cut", async () => {
  const items = Object.fromEntries(
    Array.from({ length: 100_001 }, (_, n) => [n, { ftype: "disk.img", path: `${n}.img` }]),
  );
  const products = { products: { p: { versions: { "20261101": { items } } } } };
  const { origin } = await rangeServer({
    "/streams/v1/many.json": JSON.stringify(products),
    "/SHA256SUMS": `${HEX}  x.img\n`.repeat(100_001),
  });
  await expect(list(`${origin}/streams/v1/many.json`)).rejects.toThrow("products of more than 100000 images");
  await expect(list(`${origin}/SHA256SUMS`)).rejects.toThrow("more than 100000 lines");
});
