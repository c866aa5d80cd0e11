/** Lines that send a first trace with the stock clients. Pure. */

export type Language = "python" | "typescript";

interface Sample {
  install: string;
  code: string;
}

/** A text as a quoted literal in both languages. */
const quote = (text: string) => JSON.stringify(text);

/** What to install and run so that a trace of `project` arrives at `url`. */
export function sample(language: Language, url: string, project: string, key: string): Sample {
  if (language === "python") {
    return {
      install: "pip install braintrust",
      code: `import os
os.environ["BRAINTRUST_APP_URL"] = ${quote(url)}
os.environ["BRAINTRUST_API_URL"] = ${quote(url)}
os.environ["BRAINTRUST_API_KEY"] = ${quote(key)}

import braintrust
logger = braintrust.init_logger(project=${quote(project)})
with logger.start_span(name="hello") as span:
    span.log(input="What is a trace?", output="One run of your app.")
logger.flush()`,
    };
  }
  return {
    install: "npm install braintrust",
    code: `process.env.BRAINTRUST_APP_URL = ${quote(url)};
process.env.BRAINTRUST_API_URL = ${quote(url)};
process.env.BRAINTRUST_API_KEY = ${quote(key)};

const { initLogger } = await import("braintrust");
const logger = initLogger({ projectName: ${quote(project)} });
await logger.traced(async (span) => {
  span.log({ input: "What is a trace?", output: "One run of your app." });
}, { name: "hello" });
await logger.flush();`,
  };
}
