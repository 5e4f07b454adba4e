import type { Report, Reporter } from "../../model/report.ts";
import { CannotRender } from "../gatekeepers/allowed.ts";
import { contentOf } from "./content.ts";
import { TEMPLATE } from "./template.ts";

const COMPILER = "@myriaddreamin/typst-ts-node-compiler";

/** PDF/UA-1 (ISO 14289-1) by Typst, with the fonts inside its compiler: the same on every machine. */
export const pdf: Reporter = {
  id: "pdf",
  mediaType: "application/pdf",
  fileExtension: ".pdf",
  async ready() {
    await compiler();
  },
  async render(report) {
    const { NodeCompiler } = await compiler();
    const typst = NodeCompiler.create({ workspace: "." });
    const date = dateOf(report);
    const { year, month, day } = date;
    const source = TEMPLATE.replace("DATE", `datetime(year: ${year}, month: ${month}, day: ${day})`);
    const compiled = typst.compile({
      mainFileContent: source,
      inputs: { data: JSON.stringify(contentOf(report)) },
    });
    const { result } = compiled;
    if (!result) throw new Error(`the PDF could not be set: ${told(compiled.takeError()?.shortDiagnostics)}`);
    const creationTimestamp = Date.UTC(year, month - 1, day) / 1000;
    return typst.pdf(result, { pdfStandard: "ua-1", creationTimestamp });
  },
};

/** Rejects with `CannotRender` where the optional package is not there. */
async function compiler(): Promise<typeof import("@myriaddreamin/typst-ts-node-compiler")> {
  try {
    return await import("@myriaddreamin/typst-ts-node-compiler");
  } catch (error) {
    throw new CannotRender(
      `the format pdf needs an optional package that cannot be loaded here: npm install ${COMPILER} (${reasonOf(error)})`,
      { cause: error },
    );
  }
}

/** Absent is one reason; a system that its machine code was not built for is another. */
function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1).join("").slice(0, 200);
}

/** The day of the report, so that the same report is the same document whenever it is made. */
function dateOf({ generatedAt, day }: Report): Readonly<Record<"year" | "month" | "day", number>> {
  const [year, month, date] = (day ?? generatedAt ?? "2000-01-01").slice(0, 10).split("-").map(Number);
  return { year: year ?? 2000, month: month ?? 1, day: date ?? 1 };
}

function told(diagnostics: unknown): string {
  return JSON.stringify(diagnostics)?.slice(0, 2000) ?? "no reason given";
}
