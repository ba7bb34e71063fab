// Compares the public surface with etc/*.api.md; `--update` writes what is there now.
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";
import { mkdirSync } from "node:fs";
import path from "node:path";

const root = process.cwd();
const TEMPORARY = path.join(root, "node_modules", ".cache", "api");
mkdirSync(TEMPORARY, { recursive: true });
const isUpdate = process.argv.includes("--update");
const entries = {
  tidemark: "dist/types/index.d.ts",
  "tidemark-operators": "dist/types/operators/index.d.ts",
  "tidemark-testing": "dist/types/testing/index.d.ts",
};

for (const [name, mainEntry] of Object.entries(entries)) {
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: path.join(root, mainEntry),
      compiler: { tsconfigFilePath: path.join(root, "tsconfig.build.json") },
      apiReport: {
        enabled: true,
        reportFolder: path.join(root, "etc"),
        reportTempFolder: TEMPORARY,
        reportFileName: name,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: "none" as never },
          "ae-forgotten-export": { logLevel: "warning" as never, addToApiReportFile: true },
        },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: path.join(root, "package.json"),
  });
  const result = Extractor.invoke(config, { localBuild: isUpdate, showVerboseMessages: false });
  if (result.apiReportChanged && !isUpdate) {
    console.error(`etc/${name}.api.md differs from the surface: npm run check:api -- --update`);
    process.exitCode = 1;
  }
}
