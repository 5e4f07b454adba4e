/**
 * The digests of the policies that come with sixray, so that a scan need not load node:crypto for them (a tenth of its
 * start). Written by: npm run schema
 */
export const DIGESTS: Readonly<Record<string, string | undefined>> = {
  "os-extended-debian": "sha256:2f409b40a0fd518dfdb6c4454ebd6d24bfac0dd56a75835f54ec7a31ba6d09d9",
  "os-extended-rpm": "sha256:2f409b40a0fd518dfdb6c4454ebd6d24bfac0dd56a75835f54ec7a31ba6d09d9",
  "os-extended-windows": "sha256:5e87aa1cc5f976c4bbcc5477ea84776cb645d8c2abadb1a793adffab353adab0",
  "os-extended-generic": "sha256:2f409b40a0fd518dfdb6c4454ebd6d24bfac0dd56a75835f54ec7a31ba6d09d9",
  cis: "sha256:a610a99da198b4f96598aaf870b63957890ce093806591ec37828bde514b32dc",
  strict: "sha256:c914565f441097dd27b3fe7a5940f1b9c2cf1565f2a87b0c81d99851258daaf5",
  "dual-stack-with-firewall": "sha256:80380fd7e14a50a73f4c1dbfd64ed22d93bb83ff8ce7f2fd6bb42b5f21b99778",
};
