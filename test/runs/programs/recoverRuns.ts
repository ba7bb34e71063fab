// Recovers what is in a directory, and says what it sealed or why it could not.
import { recoverRuns, type TidemarkError } from "tidemark";

const [directory = ""] = process.argv.slice(2);
try {
  const sealed = await recoverRuns({ directory });
  console.log(JSON.stringify(sealed.map(({ status, highWatermark }) => [status, highWatermark])));
} catch (error) {
  console.log(JSON.stringify((error as TidemarkError).code));
}
