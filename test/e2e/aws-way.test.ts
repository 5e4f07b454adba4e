import { once } from "node:events";
import { createServer, request } from "node:http";
import { expect, onTestFinished, test, vi } from "vitest";
import { OTHER } from "../support/aws/cloud.ts";
import { awsLab } from "../support/aws/lab.ts";
import { sampleDisk } from "../support/aws/samples.ts";

const CREATE = ["--allow-create"] as const;

test.each([3_600_000, -3_600_000])(
  "a clock that is %d ms off is AWS's to tell, and no obstacle",
  async (ms) => {
    const lab = await awsLab();
    lab.behaviour.clockMs = ms;
    const image = lab.cloud.addImage(
      lab.cloud.addSnapshot(await sampleDisk("off-sysctl"), { owner: OTHER, public: true }),
    );
    const { code, out } = await lab.sixray("scan", `aws:us-east-1/${image.id}`, ...CREATE);
    expect(out).toMatch(/^pass/m);
    expect(code).toBe(0);
    expect(lab.cloud.left).toEqual([]);
  },
);

test("what AWS may do the next time is told as transient", async () => {
  const lab = await awsLab();
  lab.behaviour.troubles = [{ on: /DescribeImages/, times: 1000, what: "error" }];
  const { code, err } = await lab.sixray("list", "aws:us-east-1");
  expect([code, err]).toEqual([
    3,
    expect.stringMatching(/^sixray: transient: DescribeImages: InternalError/),
  ]);
  lab.behaviour.troubles = [{ on: /DescribeImages/, times: 1e6, what: "throttle" }];
  expect((await lab.sixray("list", "aws:us-east-1")).err).toMatch(/^sixray: transient: AWS has throttled/);
});

test("a proxy that the environment names is gone through, but where NO_PROXY says not", async () => {
  const through: string[] = [];
  const proxy = createServer((asked, reply) => {
    through.push(new URL(asked.url ?? "").host);
    const { method, headers } = asked;
    const onward = request(asked.url ?? "", { method, headers }, (answer) => {
      reply.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(reply);
    });
    asked.pipe(onward);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    proxy.close();
    proxy.closeAllConnections();
  });
  for (const no of ["", "127.0.0.1"]) {
    vi.stubEnv("NO_PROXY", no);
    through.length = 0;
    const lab = await awsLab();
    const image = lab.cloud.addImage(lab.cloud.addSnapshot(await sampleDisk("off-sysctl")));
    const { code } = await lab.sixray("scan", `aws:us-east-1/${image.id}`);
    expect(code).toBe(0);
    expect(through).toEqual(no === "" ? lab.log.map(() => new URL(lab.url).host) : []);
  }
});
